// A member of a group, as a process of its own, that others can put to sleep. KAFKA_BROKERS, TOPIC, GROUP_ID,
// TRANSACTIONAL_ID. It ends its work on `work` when it gets SIGUSR2, and says what came of that.
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Claim, TroupeError } from '@troupe/core';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';

const environment = (name: string): string => process.env[name] ?? '';
const topic = environment('TOPIC');
const woken = once(process, 'SIGUSR2');

function say(text: string): void {
  writeSync(1, `${text}\n`);
}

const transport = createKafkajsTransport({
  brokers: environment('KAFKA_BROKERS').split(','),
  clientId: 'sleeper',
  // However long it sleeps, it is not for that that it is refused.
  limits: { transactionTimeoutMs: 10 * 60_000 },
});
const producer = await transport.openTransactionalProducer(environment('TRANSACTIONAL_ID'));

async function work(claim: Claim, offset: bigint): Promise<void> {
  await woken;
  claim.markDone(topic, offset + 1n);
  // Timers that are due go first.
  await sleep(1);
  say(claim.lost.aborted ? 'the claim is lost' : 'the claim is held');
  const outcome = {
    topic,
    partition: 0,
    key: 'k',
    value: Buffer.from('by the sleeper'),
    headers: {},
  };
  try {
    await producer.commit([outcome]);
    say('committed');
  } catch (error) {
    say(`refused: ${error instanceof TroupeError ? error.code : error}`);
  }
}

await transport.subscribe({
  groupId: environment('GROUP_ID'),
  topics: [topic],
  broadcast: [],
  isolation: 'read-committed',
  sessionTimeoutMs: 2_000,
  onAssigned: (claim) => {
    say(`assigned ${claim.partition}`);
    return {
      onRecords: (records) => {
        for (const { value, offset } of records) {
          const text = Buffer.from(value ?? []).toString();
          say(`read ${text}`);
          if (text === 'work') void work(claim, offset);
          else claim.markDone(topic, offset + 1n);
        }
      },
      onRevoked: async () => say(`revoked ${claim.partition}`),
    };
  },
  onBroadcast: () => undefined,
  onCrash: (error) => {
    throw error;
  },
});
