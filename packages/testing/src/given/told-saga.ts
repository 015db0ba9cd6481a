import { type Event, eventKeyOf, type Saga, toGraph } from '@troupe/core';
import {
  decide,
  defaultSagaLimits,
  nextTimerAtMs,
  type Progress,
  type SagaEvent,
  type SagaGraph,
  type SagaInput,
  stepStates,
} from '@troupe/core/internal';
import { sagaEventText } from '../saga-script/saga-event-text.ts';
import type { StepOutcome } from './step-outcome.ts';

export type Happened = Event | StepOutcome;

/** One saga and all that was told of it so far. A value: telling more makes another one. */
export interface ToldSaga {
  readonly graph: SagaGraph;
  readonly progress: Progress | undefined;
  /** Of a clock that only telling moves: by 1 ms for each event, or to a time limit. */
  readonly nowMs: number;
  /** As they were told: the same instance again is the same event, delivered twice. */
  readonly events: readonly Event[];
  readonly story: readonly string[];
  /** What became of the last telling. */
  readonly news: readonly SagaEvent[];
}

export function untold(saga: Saga): ToldSaga {
  const graph = toGraph(saga);
  return { graph, progress: undefined, nowMs: 0, events: [], story: [], news: [] };
}

/** Steps that were triggered, are not heard of yet, and were not asked to leave it. */
export function runningSteps({ graph, progress }: ToldSaga): ReadonlySet<string> {
  const running = new Set<string>();
  if (progress?.phase !== 'running') return running;
  for (const [step, { triggeredAtMs, outcome, facts }] of stepStates(graph, progress)) {
    const isAsked = facts.cancelRequests !== undefined;
    if (triggeredAtMs !== undefined && outcome === undefined && !isAsked) running.add(step);
  }
  return running;
}

/** A record reaches the coordinator. `what` is how the story calls it. */
export function tellInput(told: ToldSaga, what: string, input: SagaInput): ToldSaga {
  const { graph, progress, nowMs, story, news } = told;
  const decided = decide(graph, progress, input, nowMs, defaultSagaLimits);
  const became = decided.events.map(sagaEventText).join(', ');
  return {
    ...told,
    progress: decided.progress,
    story: [...story, `${what}: ${became === '' ? 'nothing new' : became}`],
    news: [...news, ...decided.events],
  };
}

/** Time passes, from limit to limit, up to `untilMs`. */
export function tellTime(told: ToldSaga, what: string, untilMs: number): ToldSaga {
  let now = told;
  for (;;) {
    const { graph, progress, nowMs } = now;
    const dueMs = progress && nextTimerAtMs(graph, progress, defaultSagaLimits);
    if (dueMs === undefined || dueMs > untilMs) return { ...now, nowMs: untilMs };
    const later = { ...now, nowMs: Math.max(nowMs, dueMs) };
    now = tellInput(later, what, { kind: 'time-passed', untilMs: later.nowMs });
  }
}

/** A fault of the test itself: it tells what cannot be. */
export function untellable({ graph, story }: ToldSaga, fault: string): Error {
  return new Error(`${graph.name}: ${fault}\n\n${storyText(story)}`);
}

export function storyText(story: readonly string[]): string {
  const lines = story.length === 0 ? ['nothing happened'] : story;
  return `The story so far:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

/** The key that all events of one saga share. */
export function sagaIdOf({ events: [first] }: ToldSaga, event?: Event): string {
  const known = first ?? event;
  return known === undefined ? 'saga' : eventKeyOf(known);
}
