import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createInventoryService } from '@shop/inventory';
import { createOrderService } from '@shop/order';
import { createPaymentService } from '@shop/payment';
import { createShippingService } from '@shop/shipping';
import { type CheckpointHook, silentLogger } from '@troupe/core';
import { createAvroSerde, createRegistryClient } from '@troupe/schema-registry';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';
import { Kafka, logLevel } from 'kafkajs';
import { doomedServices, killPoints, words } from './kill-points.ts';

// One service of the shop as a process that kills itself with SIGKILL when it comes to one point for the n-th time, or
// freezes itself with SIGSTOP. Without a point it runs until it is asked to end.
const { values } = parseArgs({
  options: {
    service: { type: 'string', default: '' },
    brokers: { type: 'string', default: '' },
    registry: { type: 'string', default: '' },
    database: { type: 'string', default: '' },
    point: { type: 'string' },
    passage: { type: 'string', default: '1' },
    freezes: { type: 'boolean', default: false },
  },
});
const service = doomedServices.find((name) => name === values.service);
if (service === undefined) throw new Error(`--service is one of ${doomedServices.join(', ')}`);
const point = killPoints.find((one) => one === values.point);
const brokers = values.brokers.split(',');
let passagesLeft = point === 'doubt-recorded' ? 1 : Number(values.passage);

function die(): void {
  if (point === undefined) return;
  const { freezes } = values;
  writeSync(1, `${freezes ? words.freezes(point) : words.dies(point)}\n`);
  process.kill(process.pid, freezes ? 'SIGSTOP' : 'SIGKILL');
}

/** Mail servers and card providers refuse an attempt now and then. Of these two, none fails by itself. */
const failsAttempts =
  point === 'doubt-recorded' && (service === 'inventory' || service === 'shipping');

const hook: CheckpointHook = (at) => {
  if (failsAttempts && at === 'before-local-commit') throw new Error('no answer');
  if (at !== (point === 'offsets-committed' ? 'marked-done' : point)) return;
  passagesLeft -= 1;
  if (passagesLeft !== 0) return;
  if (point === 'offsets-committed') void dieAfterCommit();
  else die();
};

/** Asks the broker, because no code of Troupe's says when the offsets have come there. */
async function dieAfterCommit(): Promise<void> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const committed = async () => {
    const topics = await admin.fetchOffsets({ groupId: service ?? '' });
    return JSON.stringify(topics);
  };
  const before = await committed();
  while ((await committed()) === before) await delay(1);
  die();
}

writeSync(1, `${words.begins(service)}\n`);
const parts = {
  transport: createKafkajsTransport({ brokers, clientId: service, logger: silentLogger }),
  serde: createAvroSerde({ registry: createRegistryClient({ url: values.registry }) }),
  databasePath: values.database,
  checkpoint: hook,
  // How long its partitions wait for the next one after it was killed.
  limits: { sessionTimeoutMs: 2_500 },
};
const creates = {
  order: createOrderService,
  inventory: createInventoryService,
  payment: createPaymentService,
  shipping: createShippingService,
};
const running = creates[service](parts);
process.once('SIGTERM', () => {
  void running
    .stop()
    .then(() => parts.transport.close())
    .then(() => process.exit(0));
});
await running.start();
