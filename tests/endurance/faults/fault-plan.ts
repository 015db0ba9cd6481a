/** What is done to which kind of part. */
export const faultKinds = [
  'kill a service',
  'kill a coordinator',
  'kill a broker',
  'freeze a service',
  'freeze a service past its session',
  'freeze a coordinator',
  'freeze a coordinator past its session',
  'freeze a broker',
  'freeze a broker past its session',
] as const;

export type FaultKind = (typeof faultKinds)[number];
export type PartKind = 'service' | 'coordinator' | 'broker';

export interface PlannedFault {
  readonly kind: FaultKind;
  readonly action: 'kill' | 'freeze';
  /** The name of a part. */
  readonly target: string;
  /** From the fault before, or the beginning, to this one. */
  readonly gapMs: number;
  /** From the kill to the next start, or from the freezing to the waking. */
  readonly lastsMs: number;
}

export type Parts = Readonly<Record<PartKind, readonly string[]>>;

interface Recipe {
  readonly action: 'kill' | 'freeze';
  readonly part: PartKind;
  readonly lastsMs: readonly [min: number, max: number];
}

/** A broker's session is 4 s here, that of a consumer 10 s. */
const recipes: Readonly<Record<FaultKind, Recipe>> = {
  'kill a service': { action: 'kill', part: 'service', lastsMs: [100, 3_000] },
  'kill a coordinator': { action: 'kill', part: 'coordinator', lastsMs: [100, 12_000] },
  'kill a broker': { action: 'kill', part: 'broker', lastsMs: [500, 8_000] },
  'freeze a service': { action: 'freeze', part: 'service', lastsMs: [500, 5_000] },
  'freeze a service past its session': {
    action: 'freeze',
    part: 'service',
    lastsMs: [11_000, 14_000],
  },
  'freeze a coordinator': { action: 'freeze', part: 'coordinator', lastsMs: [500, 5_000] },
  'freeze a coordinator past its session': {
    action: 'freeze',
    part: 'coordinator',
    lastsMs: [11_000, 14_000],
  },
  'freeze a broker': { action: 'freeze', part: 'broker', lastsMs: [500, 3_000] },
  'freeze a broker past its session': {
    action: 'freeze',
    part: 'broker',
    lastsMs: [6_000, 12_000],
  },
};

const gapsMs = [10_000, 20_000] as const;

/**
 * What will be done to whom, when, and for how long: a pure function of the seed. Of each kind there are as many, give or
 * take one, in an order that the seed decides.
 */
export function planFaults(seed: number, count: number, parts: Parts): readonly PlannedFault[] {
  const random = randomOf(seed);
  const between = ([min, max]: readonly [number, number]) =>
    Math.round(min + random() * (max - min));
  let left: FaultKind[] = [];
  return Array.from({ length: count }, () => {
    if (left.length === 0) left = shuffled(faultKinds, random);
    const kind = left.pop() ?? faultKinds[0];
    const { action, part, lastsMs } = recipes[kind];
    const targets = parts[part];
    const target = targets[Math.floor(random() * targets.length)] ?? '';
    return { kind, action, target, gapMs: between(gapsMs), lastsMs: between(lastsMs) };
  });
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

/** mulberry32: numbers from 0 up to 1 that the seed alone decides. */
function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
