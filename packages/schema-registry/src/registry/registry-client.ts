import { type Clock, systemClock, TroupeError } from '@troupe/core';
import { libraryRegistration, type Registration } from './library-registration.ts';
import { type RegistryAddress, readRegistryAddress } from './registry-address.ts';
import { messageOf, type RegistryHttp, registryHttp, unexpectedAnswer } from './registry-http.ts';
import { type RegistryRetry, retryUnavailable } from './retry-unavailable.ts';
import {
  type Compatibility,
  type CompatibilityLevel,
  defaultCompatibility,
  type SchemaRegistry,
} from './schema-registry.ts';

export interface RegistryClientOptions {
  /** With the path of the API and, where it wants them, user and password: `http://localhost:8080/apis/ccompat/v7`. */
  readonly url: string;
  /**
   * Given to each subject that has no level of its own; one that an operator has set stays. `as-configured` sets
   * none, and the registry's global level counts. Default FULL_TRANSITIVE.
   */
  readonly compatibility?: CompatibilityLevel | 'as-configured' | undefined;
  /** Of one request. Default 3,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Requests in all before the registry counts as unavailable. Default 4, some 700 ms apart in all. */
  readonly attemptsMax?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** A schema's text is an answer's largest part, and JSON may take several bytes for a character. */
const answerBytesMax = 4 * 1_048_576;
const firstRetryDelayMs = 100;

/**
 * A client of a registry with Confluent's API: Confluent's own, Apicurio, Karapace, Redpanda. Throws
 * `ConfigurationError` for an address that is none; connects with the first request.
 *
 * @example
 * const registry = createRegistryClient({ url: 'http://localhost:8081' });
 */
export function createRegistryClient(options: RegistryClientOptions): SchemaRegistry {
  return new RegistryClient(options);
}

/** Holds no schemas and no connection: what it is asked, it asks the registry. */
class RegistryClient implements SchemaRegistry {
  readonly name: string;
  readonly #compatibility: CompatibilityLevel | 'as-configured';
  readonly #http: RegistryHttp;
  readonly #register: Registration;
  readonly #retry: RegistryRetry;

  constructor(options: RegistryClientOptions) {
    const { clock = systemClock, requestTimeoutMs = 3_000, attemptsMax = 4 } = options;
    const address: RegistryAddress = readRegistryAddress(options.url);
    this.name = address.url;
    this.#compatibility = options.compatibility ?? defaultCompatibility;
    this.#http = registryHttp(address, { requestTimeoutMs, answerBytesMax, clock });
    this.#register = libraryRegistration(address, requestTimeoutMs);
    this.#retry = { attemptsMax, firstDelayMs: firstRetryDelayMs, clock };
  }

  checkCompatibility(
    subject: string,
    schemaText: string,
    signal: AbortSignal,
  ): Promise<Compatibility> {
    return retryUnavailable(this.#retry, signal, async () => {
      const level = await this.#ensureLevel(subject, signal);
      // Confluent's registry would look at the level itself; Apicurio compares with what the path says.
      const versions = level?.endsWith('_TRANSITIVE') ? 'versions' : 'versions/latest';
      const answer = await this.#http(
        {
          method: 'POST',
          path: `/compatibility/subjects/${encodeURIComponent(subject)}/${versions}?verbose=true`,
          body: { schema: schemaText },
        },
        signal,
      );
      const { status, body } = answer;
      if (isMissing(status, body)) return { compatible: true, reasons: [] };
      if (status === 422) return { compatible: false, reasons: [messageOf(body)] };
      if (status !== 200) throw unexpectedAnswer(this.name, answer);
      if (body['is_compatible'] !== false) return { compatible: true, reasons: [] };
      const reasons = textsOf(body['messages']);
      return {
        compatible: false,
        reasons: reasons.length > 0 ? reasons : await this.#askWhy(subject, schemaText, signal),
      };
    });
  }

  register(subject: string, schemaText: string, signal: AbortSignal): Promise<number> {
    return retryUnavailable(this.#retry, signal, async () => {
      const level = await this.#ensureLevel(subject, signal);
      return this.#register(subject, schemaText, level);
    });
  }

  schemaById(id: number, signal: AbortSignal): Promise<string | undefined> {
    return retryUnavailable(this.#retry, signal, async () => {
      const answer = await this.#http({ method: 'GET', path: `/schemas/ids/${id}` }, signal);
      const { status, body } = answer;
      if (isMissing(status, body)) return undefined;
      const { schema } = body;
      if (status !== 200 || typeof schema !== 'string') throw unexpectedAnswer(this.name, answer);
      return schema;
    });
  }

  /**
   * The subject's level. Set before the first version and not after it, as the library does: between the two another
   * service could register what does not fit.
   */
  async #ensureLevel(
    subject: string,
    signal: AbortSignal,
  ): Promise<CompatibilityLevel | undefined> {
    const path = `/config/${encodeURIComponent(subject)}`;
    const answer = await this.#http({ method: 'GET', path }, signal);
    if (answer.status === 200) return levelOf(answer.body['compatibilityLevel']);
    if (!isMissing(answer.status, answer.body)) throw unexpectedAnswer(this.name, answer);
    const compatibility = this.#compatibility;
    if (compatibility === 'as-configured') return undefined;
    const set = await this.#http({ method: 'PUT', path, body: { compatibility } }, signal);
    // Apicurio has nothing to set NONE on before there is a version; without a level nothing is compared either.
    if (isMissing(set.status, set.body) && compatibility === 'NONE') return undefined;
    if (set.status === 409) return this.#levelSetByAnother(path, signal);
    if (set.status !== 200) throw unexpectedAnswer(this.name, set);
    return compatibility;
  }

  /** Several services that start at once meet here. */
  async #levelSetByAnother(path: string, signal: AbortSignal): Promise<CompatibilityLevel> {
    const answer = await this.#http({ method: 'GET', path }, signal);
    if (answer.status !== 200) throw unexpectedAnswer(this.name, answer);
    return levelOf(answer.body['compatibilityLevel']);
  }

  /** Apicurio says that a schema is incompatible, and why only when it refuses to register it. */
  async #askWhy(subject: string, schema: string, signal: AbortSignal): Promise<string[]> {
    const { status, body } = await this.#http(
      {
        method: 'POST',
        path: `/subjects/${encodeURIComponent(subject)}/versions`,
        body: { schema },
      },
      signal,
    );
    return [status === 409 ? plainReason(messageOf(body)) : 'the registry gives no reason'];
  }
}

/** "Not found" as the API says it: 404 alone may come from a wrong path. */
function isMissing(status: number, body: Readonly<Record<string, unknown>>): boolean {
  const code = body['error_code'];
  return status === 404 && typeof code === 'number' && code >= 40_401 && code <= 40_499;
}

const levels: readonly CompatibilityLevel[] = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
];

function levelOf(value: unknown): CompatibilityLevel {
  const level = levels.find((known) => known === value);
  if (level !== undefined) return level;
  throw new TroupeError(
    'schema-unavailable',
    `the schema registry has a compatibility level that is not known: ${String(value).slice(0, 100)}`,
  );
}

function textsOf(messages: unknown): string[] {
  return Array.isArray(messages)
    ? messages.filter((text) => typeof text === 'string').map((text) => text.slice(0, 2_000))
    : [];
}

/** Without the name of a Java class. */
function plainReason(message: string): string {
  return message.replace(/^[\w.$]+Exception: /, '');
}
