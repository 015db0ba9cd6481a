import type { SchemaRegistry as LibraryRegistry } from '@kafkajs/confluent-schema-registry';
import { ConfigurationError, type TroupeError } from '@troupe/core';
import type { RegistryAddress } from './registry-address.ts';
import { notAuthorized, unavailable } from './registry-http.ts';
import type { CompatibilityLevel } from './schema-registry.ts';

/** Registers a text; the id. The subject's own level, where it has one, has to be `level`. */
export type Registration = (
  subject: string,
  schemaText: string,
  level: CompatibilityLevel | undefined,
) => Promise<number>;

/**
 * Registration through @kafkajs/confluent-schema-registry, and nothing more of it. It offers no compatibility check. Its
 * look-up by id reads an answer of any size, builds the type before anybody can look at the text and keeps it for
 * ever; what it registers is kept as well, but is bounded by the program's own events.
 *
 * Loaded at the first registration: it brings parsers for JSON Schema and Protobuf that nothing here needs.
 */
export function libraryRegistration(
  { url, credentials }: RegistryAddress,
  requestTimeoutMs: number,
): Registration {
  let opened: Promise<LibraryRegistry> | undefined;
  return async (subject, schemaText, level) => {
    opened ??= openLibrary(url, credentials, requestTimeoutMs);
    const library = await opened;
    const { COMPATIBILITY, SchemaType } = await import('@kafkajs/confluent-schema-registry');
    try {
      const { id } = await library.register(
        { type: SchemaType.AVRO, schema: schemaText },
        { subject, updateConfig: false, ...(level && { compatibility: COMPATIBILITY[level] }) },
      );
      return id;
    } catch (error) {
      throw registrationFault(url, subject, error);
    }
  };
}

async function openLibrary(
  host: string,
  auth: RegistryAddress['credentials'],
  timeout: number,
): Promise<LibraryRegistry> {
  const { SchemaRegistry } = await import('@kafkajs/confluent-schema-registry');
  return new SchemaRegistry({
    host,
    clientId: 'troupe',
    ...(auth === undefined ? {} : { auth }),
    // It waits without end otherwise. Not its `retry` option: that changes the default of every other user of the
    // library in this process.
    middlewares: [
      () => ({
        prepareRequest: async (next) => (await next()).enhance({ timeout }),
      }),
    ],
  });
}

function registrationFault(url: string, subject: string, error: unknown): TroupeError {
  const message = error instanceof Error ? error.message : String(error);
  const status = statusOf(error);
  if (status === 401 || status === 403) return notAuthorized(url, status);
  // The library's HTTP client reports a refused or timed-out connection as an answer of status 400 without a message.
  const noAnswer = status === 400 && message.includes('Error, status 400');
  if (noAnswer || status === 429 || (status !== undefined && status >= 500)) {
    return unavailable(url, new Error(message, { cause: error }));
  }
  return new ConfigurationError(`the schema registry ${url} refuses ${subject}: ${message}`, {
    code: 'schema-incompatible',
    cause: error,
    details: { subject, url, status },
  });
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  return typeof error.status === 'number' ? error.status : undefined;
}
