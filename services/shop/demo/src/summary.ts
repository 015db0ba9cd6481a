import type { Audit } from './books/audit.ts';
import type { TraceExtent } from './observer/jaeger-trace.ts';
import { type OrderEnds, percentile } from './observer/order-ends.ts';
import type { StoryLine } from './observer/story.ts';
import type { GeneratedOrder } from './orders/generate-order.ts';
import type { OrderSeries } from './orders/order-series.ts';

/** What a run came to. */
export interface Summary {
  readonly orders: number;
  readonly completed: number;
  readonly compensated: number;
  readonly stuck: number;
  /** Placed, and never heard of again. */
  readonly lost: number;
  /** From the first order placed to the last one ended. */
  readonly durationMs: number;
  /** From placing to the end, over all orders that completed or were compensated. */
  readonly chainMsP50: number;
  readonly chainMsP99: number;
  /** Of compensated orders: how often each reason, the most frequent first. */
  readonly reasons: readonly (readonly [reason: string, orders: number])[];
  readonly audit: Audit;
  readonly story?: Story | undefined;
  readonly traces: readonly TraceLink[];
}

export interface Story {
  readonly order: GeneratedOrder;
  readonly lines: readonly StoryLine[];
}

export interface TraceLink {
  readonly orderId: string;
  readonly end: string;
  readonly url: string;
  /** Where a Jaeger without pages shows it nevertheless. */
  readonly jsonUrl?: string | undefined;
  /** Undefined: Jaeger does not have it. */
  readonly extent: TraceExtent | undefined;
}

/** Every order ended as its data says it must, and the books balance. */
export function isGood({ audit, stuck, lost }: Summary): boolean {
  return audit.faults.count === 0 && stuck === 0 && lost === 0;
}

/** What `--json` prints. */
export function summaryJson(summary: Summary): string {
  const { orders, completed, compensated, stuck, lost } = summary;
  const { durationMs, chainMsP50, chainMsP99 } = summary;
  return JSON.stringify({
    orders,
    completed,
    compensated,
    stuck,
    lost,
    durationMs,
    chainMsP50,
    chainMsP99,
  });
}

/** The figures of a run, from what was seen of each order. */
export function figuresOf(series: OrderSeries, ends: OrderEnds, startedAtMs: number) {
  const durations = ends.sortedDurationsMs();
  return {
    orders: series.count,
    completed: ends.count('completed'),
    compensated: ends.count('compensated'),
    stuck: ends.count('stuck'),
    lost: series.count - ends.count('completed') - ends.count('compensated') - ends.count('stuck'),
    durationMs: hundredths(Math.max(0, ends.lastEndAtMs - startedAtMs)),
    chainMsP50: hundredths(percentile(durations, 50)),
    chainMsP99: hundredths(percentile(durations, 99)),
    reasons: reasonsOf(series, ends),
  };
}

function reasonsOf(series: OrderSeries, ends: OrderEnds): Summary['reasons'] {
  const counts = new Map<string, number>();
  for (let index = 0; index < series.count; index += 1) {
    if (ends.end(index) !== 'compensated') continue;
    const reason = ends.reasons(index).toSorted().join(' and ') || 'no reason given';
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
