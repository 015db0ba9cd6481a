import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { ConfigurationError } from '@troupe/core';

/** The only version whose modules are known. */
const knownVersion = '2.2.4';

const requireFromHere = createRequire(import.meta.url);
const patched = new Set<string>();
/** By the path of the module: puts its replacement in the place of what it exports, newly loaded or not. */
const replacements = new Map<string, () => void>();

/** Throws where kafkajs is another version than the one whose faults are corrected. */
export function checkClientVersion(
  installed: string = requireFromHere('kafkajs/package.json').version,
): void {
  if (installed === knownVersion) return;
  throw new ConfigurationError(
    `kafkajs ${installed} is installed, and its faults are corrected in kafkajs ${knownVersion} alone: without that, what is sent may be lost or doubled; install exactly that version (npm install kafkajs@${knownVersion})`,
    { details: { installed, known: knownVersion } },
  );
}

/** Keep the decoder of record batches, or one another, and are required with each fetch. */
export const fetchResponseModules: readonly string[] = [
  'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js',
  ...[4, 5, 6, 7, 8, 9, 10, 11].map(
    (version) => `kafkajs/src/protocol/requests/fetch/v${version}/response.js`,
  ),
];

/** What a module of kafkajs exports. The caller knows what it is: the boundary to what kafkajs does not declare. */
export function kafkajsModule<Exports>(path: string): Exports {
  return requireFromHere(path);
}

/**
 * Who requires the module from now on gets the replacement. `capturedBy` are those modules that keep what they required
 * when they were loaded, and that kafkajs requires with each request: they are loaded anew, those replaced before with
 * their own replacement. Else this one would change nothing where somebody else has used kafkajs in this process
 * before. So it does not matter which of two replacements comes first.
 */
export function replaceKafkajsModule<Exports>(
  path: string,
  capturedBy: readonly string[],
  replacementOf: (original: Exports) => Exports,
): void {
  assert(!replacements.has(path), `${path} has its replacement already`);
  const replace = () => {
    const original = kafkajsModule<Exports>(path);
    const module = requireFromHere.cache[requireFromHere.resolve(path)];
    assert(module !== undefined, `${path} was required just now`);
    module.exports = replacementOf(original);
    for (const captor of capturedBy) delete requireFromHere.cache[requireFromHere.resolve(captor)];
    for (const captor of capturedBy) replacements.get(captor)?.();
  };
  replace();
  replacements.set(path, replace);
}

/** Runs `patch` the first time that this name comes. All clients of the process share kafkajs's modules. */
export function patchOnce(name: string, patch: () => void): void {
  if (patched.has(name)) return;
  patch();
  // One that threw is not in force.
  patched.add(name);
}
