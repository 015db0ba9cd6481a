import type { Progress, SagaEvent, SagaSpan, TraceHeaders } from '@troupe/core/internal';

const outcomeByEvent: Partial<Record<SagaEvent['type'], 'completed' | 'compensated' | 'stuck'>> = {
  'saga-completed': 'completed',
  'saga-compensated': 'compensated',
  'saga-stuck': 'stuck',
};

function whyOf(
  { doom, stuck }: Progress,
  outcome: 'completed' | 'compensated' | 'stuck',
): { readonly cause?: string | undefined; readonly step?: string | undefined } {
  if (outcome === 'completed') return {};
  return outcome === 'stuck'
    ? { cause: stuck?.reason, step: stuck?.step }
    : { cause: doom?.cause, step: doom?.step };
}

/** The spans of a saga that ended or got stuck by these events. */
export function sagaSpans(
  progress: Progress,
  parent: TraceHeaders,
  events: readonly SagaEvent[],
): readonly SagaSpan[] {
  return events.flatMap(({ type, atMs }) => {
    const outcome = outcomeByEvent[type];
    if (outcome === undefined) return [];
    const { saga, sagaId: correlationId, startedAtMs, sinceMs, deviations } = progress;
    const startMs = startedAtMs ?? sinceMs;
    const why = whyOf(progress, outcome);
    return [{ saga, correlationId, startMs, endMs: atMs, outcome, ...why, deviations, parent }];
  });
}
