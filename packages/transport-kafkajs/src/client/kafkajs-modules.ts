import { createRequire } from 'node:module';
import { ConfigurationError } from '@troupe/core';

/** The only version whose modules are known. */
const knownVersion = '2.2.4';

const requireFromHere = createRequire(import.meta.url);
const patched = new Set<string>();

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

/** What a module of kafkajs exports. The caller knows what it is: the boundary to what kafkajs does not declare. */
export function kafkajsModule<Exports>(path: string): Exports {
  return requireFromHere(path);
}

/** Who requires the module from now on gets the replacement. */
export function replaceKafkajsModule<Exports>(
  path: string,
  replacementOf: (original: Exports) => Exports,
): void {
  const original = kafkajsModule<Exports>(path);
  const module = requireFromHere.cache[requireFromHere.resolve(path)];
  if (module !== undefined) module.exports = replacementOf(original);
}

/** Runs `patch` the first time that this name comes. All clients of the process share kafkajs's modules. */
export function patchOnce(name: string, patch: () => void): void {
  if (patched.has(name)) return;
  patched.add(name);
  patch();
}
