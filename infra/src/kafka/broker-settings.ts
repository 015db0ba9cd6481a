export interface BrokerPorts {
  readonly port: number;
  readonly controllerPort: number;
}

/**
 * What a cluster for tests is told besides where it listens: few internal partitions and no delay
 * before a group's first assignment, because a test waits for them; topics are made on purpose,
 * because a misspelt one would be made silently; three brokers tolerate the loss of one, and
 * notice it in 4 s instead of 9; what can be compacted is compacted soon.
 */
export function clusterSettings(brokers: number): Record<string, string> {
  const replicas = String(brokers);
  const inSyncMin = brokers >= 3 ? '2' : '1';
  return {
    'auto.create.topics.enable': 'false',
    'default.replication.factor': replicas,
    'min.insync.replicas': inSyncMin,
    'offsets.topic.num.partitions': '4',
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSyncMin,
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
    'broker.heartbeat.interval.ms': '500',
    'broker.session.timeout.ms': '4000',
    'log.cleaner.dedupe.buffer.size': '16777216',
    'log.cleaner.backoff.ms': '1000',
  };
}

/** The settings file of one broker, which is its own controller (KRaft, combined roles). */
export function brokerSettings(
  brokerId: number,
  cluster: readonly BrokerPorts[],
  dataFolder: string,
): string {
  const own = cluster[brokerId - 1];
  if (own === undefined) throw new RangeError(`There is no broker ${brokerId}.`);
  const voters = cluster.map(({ controllerPort }, index) => {
    return `${index + 1}@127.0.0.1:${controllerPort}`;
  });
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': String(brokerId),
    'controller.quorum.voters': voters.join(','),
    listeners: `PLAINTEXT://127.0.0.1:${own.port},CONTROLLER://127.0.0.1:${own.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${own.port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': dataFolder,
    ...clusterSettings(cluster.length),
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
