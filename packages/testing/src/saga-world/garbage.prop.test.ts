import {
  decide,
  definitionOf,
  evolve,
  isEnded,
  nextTimerAtMs,
  type Progress,
  payloadNeeds,
  type SagaEvent,
  type SagaGraph,
  type SagaInput,
  sagaRef,
} from '@troupe/core/internal';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { graphText } from '../saga-script/graph-text.ts';
import { sagaEventText } from '../saga-script/saga-event-text.ts';
import { arbitraryGraph } from './arbitrary-graph.ts';
import { arbitraryInput } from './arbitrary-input.ts';
import { otherVersion } from './other-version.ts';

const limits = {
  earlyRetentionMs: 1_000,
  endedRetentionMs: 1_000,
  compensationTimeoutMs: 1_000,
  retryDelayMs: 100,
  retryDelayMsMax: 1_000,
  retriesMax: 3,
  successesMax: 2,
  failuresMax: 3,
  deviationsMax: 5,
};
const timersMax = 200;

/** A saga that anything happens to. */
class Victim {
  readonly #graph: SagaGraph;
  readonly events: SagaEvent[] = [];
  progress: Progress | undefined;
  #nowMs = 10_000;

  constructor(graph: SagaGraph) {
    this.#graph = graph;
  }

  suffers(input: SagaInput): void {
    // All was read up to then a moment ago, or takes until now to be.
    this.#nowMs = Math.max(this.#nowMs, input.kind === 'time-passed' ? input.untilMs : 0) + 1;
    const other = otherVersion(this.#graph);
    const definition = 'saga' in input ? definitionOf(this.progress, input) : this.progress?.saga;
    const graph = definition === sagaRef(other) ? other : this.#graph;
    const { events, progress } = decide(graph, this.progress, input, this.#nowMs, limits);
    this.progress = progress;
    this.events.push(...events);
  }

  /** Lets time pass until there is nothing to wait for. */
  outlivesItsTimers(): void {
    for (let timers = 0; this.progress !== undefined && !isEnded(this.progress); timers += 1) {
      const atMs = nextTimerAtMs(this.#graph, this.progress, limits);
      if (atMs === undefined) return;
      expect(timers, 'its timers do not come to an end').toBeLessThan(timersMax);
      this.#nowMs = Math.max(this.#nowMs, atMs);
      this.suffers({ kind: 'time-passed', untilMs: this.#nowMs });
    }
  }
}

const suffering = arbitraryGraph({ pivot: 'maybe', joins: 'maybe' }).chain((graph) =>
  fc.record({
    graph: fc
      .constant(graph)
      .map((of) =>
        Object.defineProperty(of, fc.toStringMethod, { value: () => graphText(of).join('\n') }),
      ),
    inputs: fc.array(arbitraryInput(graph), { maxLength: 40, size: 'max' }),
  }),
);

test('I1, I8, I10: whatever is put on its topics, a saga ends or is stuck', () => {
  fc.assert(
    fc.property(suffering, ({ graph, inputs }) => {
      const victim = new Victim(graph);
      for (const input of inputs) victim.suffers(input);
      victim.outlivesItsTimers();
      const { progress, events } = victim;
      const story = events.map(sagaEventText).join('\n');
      if (progress?.phase === 'running') expect(progress.stuck, story).toBeDefined();
      expect(progress?.deviations ?? 0, story).toBeLessThanOrEqual(limits.deviationsMax);
      expect(events.reduce<Progress | undefined>(evolve, undefined), story).toEqual(progress);
    }),
    { numRuns: 3_000 },
  );
});

test('I1: a saga that runs and is not stuck has a time limit beside its own', () => {
  fc.assert(
    fc.property(suffering, ({ graph, inputs }) => {
      const victim = new Victim(graph);
      for (const input of inputs) {
        victim.suffers(input);
        const { progress } = victim;
        if (progress?.phase !== 'running' || progress.stuck !== undefined) continue;
        // Once it is doomed, or its pivot succeeded, its own brings nothing about any more.
        const without = { ...progress, deadlinePassed: true } as const;
        const story = victim.events.map(sagaEventText).join('\n');
        expect(nextTimerAtMs(graph, without, limits), story).toBeDefined();
      }
    }),
    { numRuns: 1_000 },
  );
});

test('rule 12: without a start nothing is ever asked for', () => {
  const unstarted = suffering.map(({ graph, inputs }) => ({
    graph,
    inputs: inputs.filter(({ kind }) => kind !== 'started'),
  }));
  fc.assert(
    fc.property(unstarted, ({ graph, inputs }) => {
      const victim = new Victim(graph);
      for (const input of inputs) victim.suffers(input);
      const kinds = victim.events.map(({ type }) => type);
      expect(kinds.filter((kind) => kind.startsWith('saga-')).sort()).toEqual(
        kinds.filter((kind) => kind === 'saga-awaited' || kind === 'saga-forgotten').sort(),
      );
      expect(kinds.filter((kind) => kind.endsWith('requested'))).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});

test('rule 9: what a step is asked for with, or undone with, is what was kept', () => {
  fc.assert(
    fc.property(suffering, ({ graph, inputs }) => {
      const victim = new Victim(graph);
      for (const input of inputs) victim.suffers(input);
      victim.outlivesItsTimers();
      const needs = payloadNeeds(graph);
      const isUnstamped = victim.events.some((event) => 'stamped' in event && !event.stamped);
      const story = victim.events.map(sagaEventText).join('\n');
      for (const event of victim.events) {
        if (event.type !== 'step-requested' && event.type !== 'compensation-requested') continue;
        if (event.type === 'compensation-requested') {
          expect(needs.succeeded, story).toContain(event.step);
        }
        const node = graph.steps.find(({ name }) => name === event.step);
        for (const { step, outcome } of node?.dependencies ?? []) {
          if (step !== undefined) expect(needs[outcome], story).toContain(step);
          else expect(needs.start || isUnstamped, story).toBe(true);
        }
      }
    }),
    { numRuns: 3_000 },
  );
});
