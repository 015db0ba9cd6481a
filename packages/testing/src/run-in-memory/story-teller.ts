import {
  type AnyEventClass,
  type Event,
  type IncomingRecord,
  type Serde,
  type Transport,
  TroupeError,
} from '@troupe/core';
import {
  effectId,
  internalTopics,
  type MessageHeaders,
  outcomeId,
  parseSagaRef,
  readMessageHeaders,
  type SagaEvent,
} from '@troupe/core/internal';
import { readAll } from '../ports/read-all.ts';
import { SagaStory, type StoryOutcome } from './saga-story.ts';

interface Telling {
  readonly events: Map<string, Event>;
  /** Events that the coordinator has seen; on their own topics they may be read later than its word of the end. */
  readonly expected: Set<string>;
  readonly ended: PromiseWithResolvers<StoryOutcome>;
  outcome: StoryOutcome | undefined;
}

const outcomes: Partial<Record<SagaEvent['type'], StoryOutcome>> = {
  'saga-completed': 'completed',
  'saga-compensated': 'compensated',
  'saga-stuck': 'stuck',
};

/** Reads the events of the sagas that somebody waits for, as a bystander. */
export class StoryTeller {
  readonly #serde: Serde;
  readonly #classByType: ReadonlyMap<string, AnyEventClass>;
  readonly #tellings = new Map<string, Telling>();

  constructor(serde: Serde, classes: readonly AnyEventClass[]) {
    this.#serde = serde;
    this.#classByType = new Map(classes.map((eventClass) => [eventClass.eventName, eventClass]));
  }

  async follow(transport: Transport): Promise<void> {
    const domain = [...this.#classByType.values()].map(({ topic }) => topic);
    await readAll(transport, {
      groupId: 'story-teller',
      topics: [internalTopics.sagas, ...domain],
      onRecord: (record) => this.#read(record),
      onCrash: (error) => this.#fail(error),
    });
  }

  /** To be called before the saga begins. */
  listen(sagaId: string): Promise<SagaStory> {
    if (this.#tellings.has(sagaId)) {
      throw new TroupeError('conflict', `a saga with the id ${sagaId} runs already`);
    }
    const telling: Telling = {
      events: new Map(),
      expected: new Set(),
      ended: Promise.withResolvers(),
      outcome: undefined,
    };
    this.#tellings.set(sagaId, telling);
    return telling.ended.promise
      .then((outcome) => new SagaStory(outcome, [...telling.events.values()]))
      .finally(() => this.#tellings.delete(sagaId));
  }

  #fail(error: Error): void {
    for (const { ended } of this.#tellings.values()) ended.reject(error);
  }

  #read(record: IncomingRecord): void {
    const headers = readMessageHeaders(record.headers, record.key);
    if ('fault' in headers || record.value === null) return;
    const telling = this.#tellings.get(headers.correlationId);
    if (telling === undefined) return;
    if (record.topic === internalTopics.sagas) follow(telling, headers, record.value);
    else this.#collect(telling, headers, record.value);
    const { outcome, expected, events, ended } = telling;
    if (outcome !== undefined && [...expected].every((id) => events.has(id)))
      ended.resolve(outcome);
  }

  #collect(telling: Telling, headers: MessageHeaders, value: Uint8Array): void {
    const eventClass = this.#classByType.get(headers.type);
    if (eventClass === undefined) return;
    const event = this.#serde.decode(value, eventClass);
    // Every schema here was prepared in this process, so the event is there at once.
    if (!(event instanceof Promise)) telling.events.set(headers.id, event);
  }
}

function follow(
  telling: Telling,
  { saga, correlationId }: MessageHeaders,
  value: Uint8Array,
): void {
  const sagaName = (saga && parseSagaRef(saga)?.name) ?? '';
  for (const event of JSON.parse(Buffer.from(value).toString('utf8')) as SagaEvent[]) {
    if (event.type === 'step-compensated') {
      const { step, undoes } = event;
      const effect = effectId({ sagaName, correlationId, step, action: 'compensate', undoes });
      telling.expected.add(outcomeId(effect, 'compensated'));
    } else if ('eventId' in event && event.type !== 'step-failed') {
      telling.expected.add(event.eventId);
    }
    telling.outcome = outcomes[event.type] ?? telling.outcome;
  }
}
