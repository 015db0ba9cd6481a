import { type Event, eventKeyOf, type Saga, toGraph } from '@troupe/core';
import {
  CompensationRequested,
  effectId,
  headerNames,
  internalTopics,
  outcomeId,
  type Progress,
  type SagaRef,
  StepFailed,
  StepRequested,
  StepSkipped,
  sagaRef,
} from '@troupe/core/internal';
import { type ForeignRecordOptions, foreignRecord } from '@troupe/testing/ports';
import { sagaEventText } from '@troupe/testing/saga-script';
import { expect, vi } from 'vitest';
import type { SeenRecord } from '../../installations/followed-log.ts';
import type { Call, Script } from './cast.ts';
import type { Stage } from './stage.ts';

/** Only for what never comes: how loaded the machine is must not decide a scenario. */
const patience = { timeout: 50_000, interval: 10 };

export interface Published extends Omit<ForeignRecordOptions, 'id' | 'saga'> {
  readonly id?: string | undefined;
  /** Null: without `ce_saga`. Default: this saga. */
  readonly saga?: SagaRef | null;
}

type Asked = StepRequested | CompensationRequested;

/** One saga on a stage: what a scenario does to it, and what can be seen of it. */
export class OneSaga {
  readonly id: string;
  readonly definition: Saga;
  readonly start: Event;
  readonly #stage: Stage;

  /** Its id is the key of its start event. */
  constructor(stage: Stage, definition: Saga, start: Event, script: Script) {
    this.id = eventKeyOf(start);
    this.definition = definition;
    this.start = start;
    this.#stage = stage;
    stage.cast.give(this.id, script);
  }

  get ref(): SagaRef {
    return sagaRef(toGraph(this.definition));
  }

  /** A service that was given the definition publishes the start event. */
  async begin(service = 'shop'): Promise<void> {
    const { name, version } = toGraph(this.definition);
    await this.#stage.service(service).publish(this.start, { saga: `${name}@${version}` });
  }

  /** Somebody else publishes an event of this saga: a participant without Troupe, or one that comes late. */
  async hear(event: Event, published: Published = {}): Promise<void> {
    const { id = `${event['~event']} of ${this.id}`, saga = this.ref } = published;
    const options = { ...published, id, saga: saga ?? undefined };
    await this.#stage.send(await foreignRecord(this.#stage.serde, event, options));
  }

  /** A participant says that it failed with a step, or with undoing the success of that id. */
  hearFailure(step: string, undoes?: string): Promise<void> {
    const action = undoes === undefined ? 'execute' : 'compensate';
    const technical = { code: 'terminal', message: 'it broke', attempts: 1, inDoubt: true };
    const failed = { correlationId: this.id, step, action, undoes, ...technical } as const;
    return this.hear(new StepFailed(failed), { step, id: `failed ${action} ${step} ${this.id}` });
  }

  /** A participant says that it did not run a step, and never will. */
  hearSkip(step: string, reason: 'condition' | 'cancelled'): Promise<void> {
    const skipped = new StepSkipped({ correlationId: this.id, step, reason });
    return this.hear(skipped, { step, id: `skipped ${reason} ${step} ${this.id}` });
  }

  /** The id of a step's success event, whoever runs it and whenever. */
  successIdOf(step: string): string {
    const [sagaName, correlationId] = [this.definition.name, this.id];
    const effect = effectId({ sagaName, correlationId, step, action: 'execute' });
    return outcomeId(effect, 'succeeded');
  }

  /** Resolves when this is part of its life. */
  async until(text: string): Promise<void> {
    await this.sees(() => expect(this.life, this.life.join(', ')).toContain(text));
  }

  /**
   * `completed`, `compensated`, `running`, or `stuck: <reason> <step>`. A saga is never stuck silently: it has to be in the
   * coordinator's log and in its trace, too.
   */
  async stands(expected: string): Promise<void> {
    await this.sees(() => expect(this.standing, this.life.join(', ')).toBe(expected));
    const stuck = this.progress?.stuck;
    if (stuck === undefined) return;
    await this.sees(() => this.#expectTold(stuck));
  }

  #expectTold({ reason, step }: NonNullable<Progress['stuck']>): void {
    expect(this.#stage.linesOf(this.id)).toContainEqual({
      level: 'error',
      message: `a saga is stuck: ${reason}`,
      fields: { saga: this.ref, sagaId: this.id, reason, step },
    });
    expect(this.#stage.spansOf(this.id)).toContainEqual(
      expect.objectContaining({
        'troupe.outcome': 'stuck',
        'troupe.cause': reason,
        'troupe.step': step,
      }),
    );
  }

  /** Resolves when the expectation holds. */
  async sees(expectation: () => void | Promise<void>): Promise<void> {
    await vi.waitFor(expectation, patience);
  }

  get standing(): string | undefined {
    const { phase, stuck } = this.progress ?? {};
    if (stuck === undefined) return phase;
    return stuck.step === undefined
      ? `stuck: ${stuck.reason}`
      : `stuck: ${stuck.reason} ${stuck.step}`;
  }

  get progress(): Progress | undefined {
    return this.#stage.log.progressOf(this.definition.name, this.id);
  }

  /** Its life as `troupe.sagas` tells it, in few words: `reserve succeeded`, `undo reserve`. */
  get life(): readonly string[] {
    return this.#stage.log.lifeOf(this.definition.name, this.id).map(sagaEventText);
  }

  /** How often something is part of its life. */
  times(text: string): number {
    return this.life.filter((one) => one === text).length;
  }

  /** What its participants did and committed, in order: `reserve`, `undo reserve`. */
  get effects(): readonly string[] {
    return this.#stage.cast.effectsOf(this.id);
  }

  callsOf(part: string): readonly Call[] {
    return this.#stage.cast.callsOf(this.id).filter((call) => call.part === part);
  }

  /** The requests that participants can see: `StepRequested ship`. */
  get requests(): readonly string[] {
    return this.#stage.log
      .of(internalTopics.requests, this.id)
      .map(
        ({ headers }) => `${headers[headerNames.type]?.split('.')[1]} ${headers[headerNames.step]}`,
      );
  }

  /** The requests for one step, in order, as they are in the log. */
  requestsFor(step: string): readonly SeenRecord[] {
    return this.#stage.log
      .of(internalTopics.requests, this.id)
      .filter(({ headers }) => headers[headerNames.step] === step);
  }

  /** What they say. */
  async askedOf(step: string): Promise<readonly Asked[]> {
    const asked = this.requestsFor(step).map(({ headers, value }): Asked | Promise<Asked> => {
      const bytes = value ?? new Uint8Array();
      return headers[headerNames.type] === StepRequested.eventName
        ? this.#stage.serde.decode(bytes, StepRequested)
        : this.#stage.serde.decode(bytes, CompensationRequested);
    });
    return Promise.all(asked);
  }

  /** Its event of a type, as a request passes it on. */
  passedOn(type: { readonly eventName: string; readonly topic: string }) {
    const [event] = this.eventsOf(type);
    const eventId = event?.headers[headerNames.id];
    if (!event?.value || eventId === undefined) {
      throw new Error(`saga ${this.id} has no event ${type.eventName}`);
    }
    return { type: type.eventName, eventId, framed: event.value };
  }

  /** Its events of one type, as they are in the log. */
  eventsOf(type: { readonly eventName: string; readonly topic: string }): readonly SeenRecord[] {
    return this.#stage.log
      .of(type.topic, this.id)
      .filter(({ headers }) => headers[headerNames.type] === type.eventName);
  }

  /** Whoever could not handle a record of this saga, and why: `stock poison-message`. */
  get deadLetters(): readonly string[] {
    return this.#stage.log.records
      .filter(({ topic, key }) => topic.endsWith('.dead-letter') && key === this.id)
      .map(({ headers }) => {
        const { deadLetterGroup, deadLetterCode } = headerNames;
        return `${headers[deadLetterGroup]} ${headers[deadLetterCode]}`;
      })
      .sort();
  }
}
