import { type Event, eventClassOf, toGraph } from '@troupe/core';
import {
  headerNames,
  internalTopics,
  type Progress,
  type SagaRef,
  StepFailed,
  StepSkipped,
  sagaRef,
  writeMessageHeaders,
} from '@troupe/core/internal';

import { sagaEventText } from '@troupe/testing/saga-script';
import { expect, vi } from 'vitest';
import type { Call, Script } from './cast.ts';
import { OrderPlaced, placeOrder } from './order-saga.ts';
import type { Stage } from './stage.ts';

/** Only for what never comes: how loaded the machine is must not decide a scenario. */
const patience = { timeout: 50_000, interval: 10 };

export interface OrderDetails {
  /** What the participants do. */
  readonly script?: Script;
  readonly ships?: boolean;
  readonly note?: string;
}

export interface Published {
  readonly id?: string;
  /** Null: without `ce_saga`. Default: `place-order`. */
  readonly saga?: SagaRef | null;
  readonly topic?: string;
  readonly partition?: number;
  readonly undoes?: string | undefined;
  readonly step?: string;
  /** In place of the encoded event. */
  readonly value?: Uint8Array;
}

/** One saga `place-order` on a stage: what a scenario does to it, and what can be seen of it. */
export class OneOrder {
  readonly id: string;
  readonly placed: OrderPlaced;
  readonly #stage: Stage;

  constructor(stage: Stage, id: string, { script = {}, ships = true, note = '' }: OrderDetails) {
    this.id = id;
    this.placed = new OrderPlaced({ orderId: id, ships, note });
    this.#stage = stage;
    stage.cast.give(id, script);
  }

  /** The shop publishes the start event. */
  async place(): Promise<void> {
    await this.#stage.service('shop').publish(this.placed);
  }

  /** Somebody else publishes an event of this saga: a participant without Troupe, or one that comes late. */
  async hear(event: Event, published: Published = {}): Promise<void> {
    const eventClass = eventClassOf(event);
    const { serde } = this.#stage;
    await serde.prepare([eventClass], AbortSignal.timeout(30_000));
    const { eventName: type, topic } = eventClass;
    const { id = `${type} of ${this.id}`, saga = sagaRef(toGraph(placeOrder)) } = published;
    const headers = writeMessageHeaders(
      {
        id,
        source: 'somebody',
        type,
        correlationId: this.id,
        causationId: undefined,
        saga: saga ?? undefined,
        step: published.step,
        attempt: 1,
        undoes: published.undoes,
      },
      Date.now(),
    );
    await this.#stage.send({
      topic: published.topic ?? topic,
      partition: published.partition,
      key: this.id,
      value: published.value ?? serde.encode(event),
      headers,
    });
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

  /** Resolves when this is part of its life. */
  async until(text: string): Promise<void> {
    await this.sees(() => expect(this.life).toContain(text));
  }

  /** `completed`, `compensated`, `running`, or `stuck: <reason> <step>`. */
  async stands(expected: string): Promise<void> {
    await this.sees(() => expect(this.standing, this.life.join(', ')).toBe(expected));
  }

  /** Resolves when the expectation holds. */
  async sees(expectation: () => void): Promise<void> {
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
    return this.#stage.log.progressOf(placeOrder.name, this.id);
  }

  /** Its life as `troupe.sagas` tells it, in few words: `reserve succeeded`, `undo reserve`. */
  get life(): readonly string[] {
    return this.#stage.log.lifeOf(placeOrder.name, this.id).map(sagaEventText);
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
