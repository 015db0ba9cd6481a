import type { RawRecord } from './raw-record.ts';

/** What a record of `troupe.definitions` says, as far as an audit needs it. */
export interface Definition {
  readonly name: string;
  readonly startsOn: EventType;
  readonly steps: readonly Step[];
}

export interface EventType {
  readonly type: string;
  readonly topic: string;
}

export interface Step {
  readonly name: string;
  readonly pivot: boolean;
  readonly emits: EventType;
  readonly rejects?: EventType;
  readonly compensates?: EventType;
  readonly dependencies: readonly Dependency[];
}

export interface Dependency {
  /** Missing: the start event. */
  readonly step?: string;
  readonly outcome: 'succeeded' | 'rejected';
  readonly required: boolean;
}

/** By the reference that `ce_saga` holds. */
export function definitionsIn(records: readonly RawRecord[]): ReadonlyMap<string, Definition> {
  const definitions = new Map<string, Definition>();
  for (const { topic, key, value } of records) {
    if (topic !== 'troupe.definitions' || key === null || value === null) continue;
    definitions.set(key, JSON.parse(value.toString()) as Definition);
  }
  return definitions;
}

/** Every step that comes after `name`, however far. */
export function descendantsOf({ steps }: Definition, name: string): readonly Step[] {
  const found = new Set<Step>();
  const names = new Set([name]);
  // Each comes after what it depends on.
  for (const step of steps) {
    if (!step.dependencies.some((one) => one.step !== undefined && names.has(one.step))) continue;
    found.add(step);
    names.add(step.name);
  }
  return [...found];
}
