/** Memory of one process at one time. */
export interface MemorySample {
  readonly atMs: number;
  readonly bytes: number;
}

export interface MemoryFigures {
  readonly firstMb: number;
  readonly lastMb: number;
  readonly maxMb: number;
  /** Of the line through the second half of the samples. */
  readonly mbPerHour: number;
}

/** How far one half of the rest may lie above the other: what garbage does by chance. */
const spreadMbMax = 64;
const mb = 1_048_576;

export function memoryFigures(samples: readonly MemorySample[]): MemoryFigures {
  const sizes = samples.map(({ bytes }) => bytes / mb);
  return {
    firstMb: rounded(sizes[0] ?? 0),
    lastMb: rounded(sizes.at(-1) ?? 0),
    maxMb: rounded(Math.max(0, ...sizes)),
    mbPerHour: rounded(slope(samples.slice(samples.length / 2)) * 3_600_000),
  };
}

/**
 * Undefined: it does not grow beyond what it needs. The first half of a run is warming up; in the second, the least that
 * each half of it came down to after a collection may differ by chance, and by what is kept on purpose: `keptBytes`.
 */
export function growthFault(
  samples: readonly MemorySample[],
  keptBytes: number,
): string | undefined {
  const rest = samples.slice(samples.length / 2);
  const middle = Math.floor(rest.length / 2);
  const before = leastMb(rest.slice(0, middle));
  const after = leastMb(rest.slice(middle));
  const allowedMb = before + spreadMbMax + keptBytes / mb;
  if (after <= allowedMb) return undefined;
  return `its memory grows: at least ${rounded(before)} MB, and later ${rounded(after)} MB`;
}

function leastMb(samples: readonly MemorySample[]): number {
  return samples.length === 0 ? 0 : Math.min(...samples.map(({ bytes }) => bytes)) / mb;
}

/** MB a millisecond, by least squares. */
function slope(samples: readonly MemorySample[]): number {
  const { length } = samples;
  if (length < 2) return 0;
  const meanMs = samples.reduce((sum, { atMs }) => sum + atMs, 0) / length;
  const meanMb = samples.reduce((sum, { bytes }) => sum + bytes, 0) / length / mb;
  let covariance = 0;
  let variance = 0;
  for (const { atMs, bytes } of samples) {
    covariance += (atMs - meanMs) * (bytes / mb - meanMb);
    variance += (atMs - meanMs) ** 2;
  }
  return variance === 0 ? 0 : covariance / variance;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
