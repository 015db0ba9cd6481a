import type { avsc } from '../avro/avsc-boundary.ts';
import { resolveFault } from '../avro/resolve-fault.ts';
import type { CompatibilityLevel } from './schema-registry.ts';

/**
 * Why `next` cannot follow the `versions` (the newest last) at a level, as sentences; empty when it can. Decided by
 * building the very resolvers that would read the events.
 */
export function compatibilityReasons(
  next: avsc.Type,
  versions: readonly avsc.Type[],
  level: CompatibilityLevel,
): string[] {
  const compared = level.endsWith('_TRANSITIVE') ? versions : versions.slice(-1);
  const first = versions.length - compared.length + 1;
  return compared.flatMap((version, index) => {
    const number = first + index;
    const reasons: string[] = [];
    if (level.startsWith('BACKWARD') || level.startsWith('FULL')) {
      const fault = resolveFault(next, version);
      if (fault !== undefined) {
        reasons.push(`a new service cannot read old events (version ${number}): ${fault}`);
      }
    }
    if (level.startsWith('FORWARD') || level.startsWith('FULL')) {
      const fault = resolveFault(version, next);
      if (fault !== undefined) {
        reasons.push(`an old service (version ${number}) cannot read new events: ${fault}`);
      }
    }
    return reasons;
  });
}
