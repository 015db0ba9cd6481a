import { ConfigurationError } from '@troupe/core';

/** Where a registry is, and what it takes to be let in. */
export interface RegistryAddress {
  /** Without credentials and without a slash at its end: may be logged. */
  readonly url: string;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
}

/** Reads SCHEMA_REGISTRY_URL. Throws `ConfigurationError`, which does not repeat what may be a password. */
export function readRegistryAddress(text: string): RegistryAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new ConfigurationError(
      'the address of the schema registry is no http address: expected one such as http://localhost:8081, with Apicurio http://localhost:8080/apis/ccompat/v7',
    );
  }
  const { username, password } = url;
  url.username = '';
  url.password = '';
  url.hash = '';
  url.search = '';
  return {
    url: url.href.replace(/\/+$/, ''),
    credentials:
      username === '' && password === ''
        ? undefined
        : { username: decodeURIComponent(username), password: decodeURIComponent(password) },
  };
}
