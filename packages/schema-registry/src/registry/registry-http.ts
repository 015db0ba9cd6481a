import { Buffer } from 'node:buffer';
import { type Clock, ConfigurationError, RetryableError, TroupeError } from '@troupe/core';
import type { RegistryAddress } from './registry-address.ts';

/** A registry's answer that is one: status and JSON. */
export interface RegistryAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface RegistryRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  /** Begins with a slash, every part encoded. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

export interface RegistryHttpOptions {
  readonly requestTimeoutMs: number;
  /** Of an answer's body. A schema's own limit is smaller. */
  readonly answerBytesMax: number;
  readonly clock: Clock;
}

/** Sends one request. Rejects with `schema-unavailable` when there is no answer, and as `refused` says. */
export type RegistryHttp = (
  request: RegistryRequest,
  signal: AbortSignal,
) => Promise<RegistryAnswer>;

export function registryHttp(
  { url, credentials }: RegistryAddress,
  { requestTimeoutMs, answerBytesMax, clock }: RegistryHttpOptions,
): RegistryHttp {
  const headers: Record<string, string> = {
    accept: 'application/vnd.schemaregistry.v1+json, application/json',
    'content-type': 'application/vnd.schemaregistry.v1+json',
  };
  if (credentials !== undefined) {
    const { username, password } = credentials;
    headers['authorization'] = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }
  return async ({ method, path, body }, signal) => {
    const late = new AbortController();
    const cancel = clock.after(requestTimeoutMs, () => {
      late.abort(new TroupeError('timed-out', `no answer within ${requestTimeoutMs} ms`));
    });
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, late.signal]),
        redirect: 'error',
      });
      const answer = readAnswer(response.status, await readText(response, answerBytesMax));
      return answer ?? unknownApi(url, response.status);
    } catch (error) {
      if (signal.aborted) throw error;
      if (late.signal.aborted) throw unavailable(url, late.signal.reason);
      throw error instanceof TroupeError ? error : unavailable(url, error);
    } finally {
      cancel();
    }
  };
}

/** The registry does not answer, or not now. */
export function unavailable(url: string, cause: unknown): RetryableError {
  return new RetryableError(
    `the schema registry ${url} does not answer: ${reasonOf(cause)}. Is the address right, and does it run?`,
    { code: 'schema-unavailable', cause, details: { url } },
  );
}

/** fetch says only 'fetch failed'; its cause says why. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  // Of several addresses of one host each has an error of its own, and the whole has no message.
  if (cause instanceof AggregateError) return reasonOf(cause.errors[0]);
  return cause.message;
}

async function readText(response: Response, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      throw new TroupeError('limit-exceeded', `an answer of more than ${bytesMax} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Undefined for a text that no registry would answer. */
function readAnswer(status: number, text: string): RegistryAnswer | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
    const answer: RegistryAnswer = { status, body: body as Readonly<Record<string, unknown>> };
    // Any server says 404; a registry says by a code of its own what it did not find.
    return status === 404 && typeof answer.body['error_code'] !== 'number' ? undefined : answer;
  } catch {
    return undefined; // a page for people, or nothing at all
  }
}

function unknownApi(url: string, status: number): never {
  if (status >= 500 || status === 429) {
    throw unavailable(url, new Error(`it answers with status ${status}`));
  }
  if (status === 401 || status === 403) throw notAuthorized(url, status);
  throw new ConfigurationError(
    `${url} answers (status ${status}), but not as a schema registry does: the address has to include the path of the API, with Apicurio /apis/ccompat/v7`,
    { details: { url, status } },
  );
}

export function notAuthorized(url: string, status: number): TroupeError {
  return new TroupeError(
    'not-authorized',
    `the schema registry ${url} refuses this service (status ${status}): check the user and password in its address, and what they may do`,
    { details: { url, status } },
  );
}

/** An answer of another kind than the caller knows, as the error it stands for. */
export function unexpectedAnswer(url: string, { status, body }: RegistryAnswer): TroupeError {
  if (status === 401 || status === 403) return notAuthorized(url, status);
  if (status >= 500 || status === 429) {
    return unavailable(url, new Error(`it answers with status ${status}: ${messageOf(body)}`));
  }
  return new ConfigurationError(
    `the schema registry ${url} refuses a request (status ${status}): ${messageOf(body)}`,
    { details: { url, status } },
  );
}

export function messageOf(body: Readonly<Record<string, unknown>>): string {
  const { message } = body;
  return typeof message === 'string' ? message.slice(0, 2_000) : 'without a message';
}
