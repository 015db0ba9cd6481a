/** Chance that can be replayed: the same seed and index always throw the same. */
export interface Dice {
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** True in `percent` of 100 throws. */
  chance(percent: number): boolean;
}

/** Mixes as splitmix32 does: neighbouring seeds and indexes have nothing in common. */
export function diceOf(seed: number, index: number): Dice {
  let state = (Math.imul(seed ^ 0x5bf03635, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) | 0;
  const below = (limit: number): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return Math.floor((((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32) * limit);
  };
  return {
    below,
    pick: (items) => items[below(items.length)] ?? items[0],
    chance: (percent) => below(100) < percent,
  };
}
