// Makes the shop's topics where they are missing, and ends. It runs before the services, which
// refuse to start without their topics; those that are there are left as they are.
import { placeOrder } from '@shop/contracts';
import { topicsOf } from '@troupe/core';
import { createJsonLogger } from '@troupe/service-process';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';
import { readSettings } from './config.ts';

/** Never grown under running sagas, so with room: no more members than this can share the work. */
const partitions = 12;
const groups = ['order', 'inventory', 'payment', 'shipping', 'troupe-coordinator'];

const logger = createJsonLogger('topics', 'info');
try {
  const kafka = readSettings(process.env);
  const transport = createKafkajsTransport({ ...kafka, clientId: 'topics', logger });
  try {
    const topics = topicsOf([placeOrder], groups, { partitions });
    await transport.topics.create(topics);
    logger.info('the topics are there', { topics: topics.map(({ topic }) => topic) });
  } finally {
    await transport.close();
  }
} catch (error) {
  logger.error('the topics could not be made', { error });
  process.exitCode = 1;
}
