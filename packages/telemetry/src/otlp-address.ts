import { ConfigurationError } from '@troupe/core';

/** Where traces go, and what it takes to be let in. */
export interface OtlpAddress {
  /** Without credentials: may be logged. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Reads a collector's base address, as OTEL_EXPORTER_OTLP_ENDPOINT has it. User and password in it become a header, so
 * that they are in no error message and no log line. Throws `ConfigurationError`.
 */
export function readOtlpAddress(endpoint: string): OtlpAddress {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new ConfigurationError(
      'the OTLP endpoint is no http address: expected the base address of a collector, such as http://localhost:4318',
    );
  }
  const { username, password } = url;
  url.username = '';
  url.password = '';
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    url: url.href,
    headers:
      username === '' && password === ''
        ? {}
        : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
  };
}
