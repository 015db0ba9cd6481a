import { type Event, eventClassOf, eventKeyOf, type Serde } from '@troupe/core';
import { CompensationRequested, StepRequested } from '@troupe/core/internal';

interface Asked {
  readonly requestNumber?: number;
  /** By the member's name in `after`. */
  readonly inputs?: Readonly<Record<string, Event>>;
}

interface AskedToUndo extends Asked {
  readonly action?: 'compensate' | 'cancel';
  readonly output?: Event;
  /** The id of the success. */
  readonly undoes?: string;
}

/** What the coordinator sends for a step. */
export class Requests {
  readonly #serde: Serde;

  constructor(serde: Serde) {
    this.#serde = serde;
  }

  run(correlationId: string, step: string, asked: Asked = {}): StepRequested {
    const { requestNumber = 1, inputs = {} } = asked;
    return new StepRequested({
      correlationId,
      step,
      requestNumber,
      inputs: this.#inputs(inputs),
      action: 'execute',
    });
  }

  undo(correlationId: string, step: string, asked: AskedToUndo = {}): CompensationRequested {
    const { requestNumber = 1, inputs = {}, action = 'compensate', output, undoes } = asked;
    return new CompensationRequested({
      correlationId,
      step,
      requestNumber,
      inputs: this.#inputs(inputs),
      action,
      output: output && { ...this.#framed(output), eventId: undoes ?? 'none' },
      undoes,
    });
  }

  #inputs(inputs: Readonly<Record<string, Event>>) {
    return Object.entries(inputs).map(([dependency, event]) => ({
      dependency,
      eventId: `${dependency} of ${eventKeyOf(event)}`,
      ...this.#framed(event),
    }));
  }

  #framed(event: Event) {
    return { type: eventClassOf(event).eventName, framed: this.#serde.encode(event) };
  }
}
