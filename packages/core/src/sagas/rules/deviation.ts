import type { Deviation, SagaFact } from '../saga-event.ts';
import type { ArrivedInput } from '../saga-input.ts';

/** What no definition expects: visible, never fatal. */
export function deviation(kind: Deviation, detail: string): SagaFact {
  return { type: 'deviation-seen', deviation: kind, detail };
}

/** How an input is called in a deviation. */
export function textOf(input: ArrivedInput): string {
  switch (input.kind) {
    case 'started':
      return `start (${input.eventId})`;
    case 'unexpected':
      return `${input.type} (${input.eventId})`;
    default:
      return `${input.step} ${input.kind} (${input.eventId})`;
  }
}
