import type { ServerAddresses } from './server-addresses.ts';

/** What the integration tests' global set-up hands to the tests: plain data, it is serialised. */
export interface ProvidedServers {
  readonly addresses: ServerAddresses;
  readonly jaegerMissing?: string | undefined;
}

declare module 'vitest' {
  export interface ProvidedContext {
    troupeServers: ProvidedServers;
  }
}
