import type { OrderEnds } from '../observer/order-ends.ts';

/** Where a run is. */
export interface Snapshot {
  readonly orders: number;
  readonly ends: OrderEnds;
  readonly elapsedMs: number;
}

/** Shows a person that something goes on. */
export interface Progress {
  /** What is being done before the first order, as `starting Kafka`. */
  say(phase: string): void;
  /** From now on orders are placed; `snapshot` tells how far it is whenever it is asked. */
  show(snapshot: () => Snapshot): void;
  /** Nothing more is shown. Idempotent. */
  end(): void;
}

export const noProgress: Progress = {
  say: () => undefined,
  show: () => undefined,
  end: () => undefined,
};

/** Figures of a snapshot as text. */
export function figures({ orders, ends, elapsedMs }: Snapshot) {
  const ended = ends.count('completed') + ends.count('compensated') + ends.count('stuck');
  const perSecond = elapsedMs > 0 ? Math.round((ended * 1_000) / elapsedMs) : 0;
  const parts = [
    `${ends.count('completed')} completed`,
    `${ends.count('compensated')} compensated`,
    ...(ends.count('stuck') > 0 ? [`${ends.count('stuck')} stuck`] : []),
    `${ends.count('open')} under way`,
  ];
  return { ended, orders, perSecond, parts };
}
