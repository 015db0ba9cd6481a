import { createMemoryLog, createMemoryTransport, type MemoryTransport } from '@troupe/core/memory';
import { transportContract } from './transport-contract/transport-contract.ts';

const sessionTimeoutMs = 50;
const recordBytesMax = 1_000_000;
const transactionTimeoutMs = 60_000;

transportContract(
  'memory',
  { stickyClaims: true, addresses: false },
  {
    async setup() {
      const logOptions = { limits: { recordBytesMax } };
      const log = createMemoryLog(logOptions);
      const opened = new Map<unknown, MemoryTransport>();
      const ownOf = (transport: unknown): MemoryTransport => {
        const own = opened.get(transport);
        if (own === undefined) throw new Error('this transport was not opened here');
        return own;
      };
      return {
        sessionTimeoutMs,
        recordBytesMax,
        open: (limits) => {
          const transport = createMemoryTransport({ log, limits });
          opened.set(transport, transport);
          return transport;
        },
        openAt: () => {
          throw new Error('an in-memory log has no address');
        },
        crash: async (transport) => ownOf(transport).crash(),
        loseSessions: (transport) => ownOf(transport).loseSessions(),
        loseAnswers: (transport, to) => ownOf(transport).loseAnswers(to),
        leaveTransactionOpen: async (transactionalId, records, timeoutMs) => {
          const epoch = log.openTransactionalId(transactionalId);
          log.beginTransaction(transactionalId, epoch, records, timeoutMs ?? transactionTimeoutMs);
        },
        appendForeign: async (topic, partition, { key, value, headers }) => {
          log.appendForeign({ topic, key, value, headers: Object.fromEntries(headers) }, partition);
        },
        deleteBefore: async (topic, partition, offset) => {
          log.partition(topic, partition).deleteBefore(Number(offset));
        },
        committed: async (groupId, topic, partition) => {
          const offset = log.group(groupId).committed(topic, partition);
          return offset === undefined ? undefined : BigInt(offset);
        },
        takeDown: async () => log.takeDown(),
        bringUp: async () => log.bringUp(),
      };
    },
    teardown: async () => undefined,
  },
);
