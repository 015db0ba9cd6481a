export { createMemoryInbox, type MemoryInboxOptions } from './memory-inbox.ts';
export type { MemoryLogLimits, MemoryTransportLimits } from './memory-limits.ts';
export { createMemoryLog, type MemoryLog, type MemoryLogOptions } from './memory-log.ts';
export {
  createMemoryTransport,
  type MemoryTransport,
  type MemoryTransportOptions,
} from './memory-transport.ts';
