import { inspect } from 'node:util';
import type { Event } from '@troupe/core';

export type StoryOutcome = 'completed' | 'compensated' | 'stuck';

/** What happened in one saga: how it ended, and every event, in the order in which they were published. */
export class SagaStory {
  readonly outcome: StoryOutcome;
  readonly events: readonly Event[];

  constructor(outcome: StoryOutcome, events: readonly Event[]) {
    this.outcome = outcome;
    this.events = events;
  }

  /** `compensated: OrderPlaced -> StockReserved -> CardDeclined (over the limit) -> StockReleased` */
  toString(): string {
    return `${this.outcome}: ${this.events.map(eventText).join(' -> ')}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** The type without its namespace, and the reason where the event has one. */
function eventText(event: Event): string {
  const name = event['~event'].slice(event['~event'].lastIndexOf('.') + 1);
  return 'reason' in event ? `${name} (${String(event.reason)})` : name;
}
