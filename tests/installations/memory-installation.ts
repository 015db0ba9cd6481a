import type { Clock, Saga } from '@troupe/core';
import {
  createMemoryLog,
  createMemoryTransport,
  type MemoryLog,
  type MemoryLogOptions,
  type MemoryTransport,
} from '@troupe/core/memory';
import { ObservedInstallation } from './observed-installation.ts';

/** A whole installation on the in-memory log. */
export class MemoryInstallation extends ObservedInstallation<MemoryTransport> {
  readonly log: MemoryLog;

  constructor(
    sagas: Saga | readonly [Saga, ...Saga[]],
    clock?: Clock,
    options: Omit<MemoryLogOptions, 'clock'> = {},
  ) {
    const log = createMemoryLog({ ...options, clock });
    const connect = () => {
      const transport = createMemoryTransport({ log });
      return {
        transport,
        kill: () => transport.crash(),
        loseSessions: () => transport.loseSessions(),
      };
    };
    super(sagas, connect, { clock });
    this.log = log;
  }
}
