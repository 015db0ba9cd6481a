import { hosting } from '../servers/hosting.ts';
import type { KafkaCluster, KafkaOptions } from './kafka-cluster.ts';
import { startKafkaProcesses } from './start-kafka-processes.ts';

/**
 * Starts an own Kafka of one or three brokers: containers where Docker runs, else processes.
 * Throws a MissingProgramError where neither is possible.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaCluster> {
  if ((await hosting()) === 'processes') return startKafkaProcesses(options);
  const { startKafkaContainers } = await import('./start-kafka-containers.ts');
  return startKafkaContainers(options);
}
