export { createMemoryInbox, type MemoryInboxOptions } from './memory-inbox.ts';
