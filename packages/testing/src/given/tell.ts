import { type Event, eventKeyOf } from '@troupe/core';
import {
  defaultSagaLimits,
  inDoubt,
  inputOfEvent,
  type MessageHeaders,
  type OutcomeInput,
  type StepState,
  sagaRef,
  stepStates,
} from '@troupe/core/internal';
import type { StepOutcome } from './step-outcome.ts';
import {
  type Happened,
  sagaIdOf,
  type ToldSaga,
  tellInput,
  tellTime,
  untellable,
} from './told-saga.ts';

/** An outcome without what all outcomes of one saga have. */
type OutcomeRest = OutcomeInput extends infer Each
  ? Each extends OutcomeInput
    ? Omit<Each, 'saga' | 'sagaId' | 'step' | 'eventId' | 'atMs'>
    : never
  : never;

/** Tells a saga what happened, one after the other. Throws what is no part of it, and what cannot happen in it now. */
export function tell(saga: ToldSaga, happened: readonly Happened[]): ToldSaga {
  let told: ToldSaga = { ...saga, news: [] };
  for (const each of happened) {
    const later = { ...told, nowMs: told.nowMs + 1 };
    told = 'outcome' in each ? tellOutcome(later, each) : tellEvent(later, each);
  }
  return told;
}

function tellEvent(told: ToldSaga, event: Event): ToldSaga {
  const { graph, nowMs } = told;
  const type = event['~event'];
  const sagaId = sagaIdOf(told, event);
  if (eventKeyOf(event) !== sagaId) {
    throw untellable(told, `${type} is of saga '${eventKeyOf(event)}', the others of '${sagaId}'`);
  }
  const before = told.events.indexOf(event);
  const number = before < 0 ? told.events.length : before;
  const saga = sagaRef(graph);
  const headers: MessageHeaders = {
    id: `${type}-${number}`,
    source: 'test',
    type,
    correlationId: sagaId,
    causationId: undefined,
    saga,
    step: undefined,
    attempt: 1,
    undoes: undoneBy(told, type),
  };
  const input = inputOfEvent(graph, saga, headers, nowMs);
  if (input.kind === 'unexpected') throw untellable(told, `${type} is none of its events`);
  const events = before < 0 ? [...told.events, event] : told.events;
  return tellInput({ ...told, events }, type.slice(type.lastIndexOf('.') + 1), input);
}

/** What the event of a compensation undoes: what was asked for and not answered yet. */
function undoneBy(told: ToldSaga, type: string): string | undefined {
  const node = told.graph.steps.find(({ compensates }) => compensates?.type === type);
  return node && undoingOf(told, node.name);
}

function undoingOf({ progress }: ToldSaga, step: string): string {
  const { undoings = {}, successes } = progress?.steps[step] ?? {};
  const open = Object.entries(undoings).find(([, { state }]) => state !== 'compensated');
  return open?.[0] ?? successes?.[0] ?? inDoubt;
}

function tellOutcome(told: ToldSaga, { step: { name }, outcome }: StepOutcome): ToldSaga {
  const { graph, progress, nowMs } = told;
  const state = progress && stepStates(graph, progress).get(name);
  const what = `${outcome}(${name})`;
  const of = { saga: sagaRef(graph), sagaId: sagaIdOf(told), step: name, atMs: nowMs };
  const input = (rest: OutcomeRest): OutcomeInput => {
    return { ...of, eventId: `${what}-${told.story.length}`, ...rest };
  };
  const fault = { code: 'unknown', message: 'as the test says' };
  switch (outcome) {
    case 'failed':
      return tellInput(told, what, input({ kind: 'failed', inDoubt: true, ...fault }));
    case 'failed-not-done':
      return tellInput(told, what, input({ kind: 'failed', inDoubt: false, ...fault }));
    case 'skipped': {
      const wasAsked = state?.facts.cancelRequests !== undefined;
      const reason = wasAsked ? 'cancelled' : 'condition';
      return tellInput(told, what, input({ kind: 'skipped', reason }));
    }
    case 'compensation-failed': {
      const undoes = undoingOf(told, name);
      return tellInput(told, what, input({ kind: 'compensation-failed', undoes, ...fault }));
    }
    case 'timed-out':
      return tellTime(told, what, limitOf(told, name, state));
    case 'compensation-timed-out':
      return tellTime(told, what, undoingLimitOf(told, name, state));
  }
}

function limitOf(told: ToldSaga, step: string, state: StepState | undefined): number {
  if (state?.triggeredAtMs === undefined) {
    throw untellable(told, `${step} cannot time out: nothing has triggered it yet`);
  }
  if (state.outcome !== undefined) {
    throw untellable(told, `${step} cannot time out: it is ${state.outcome} already`);
  }
  return state.triggeredAtMs + state.node.timeoutMs;
}

function undoingLimitOf(told: ToldSaga, step: string, state: StepState | undefined): number {
  const undoing = state?.facts.undoings?.[undoingOf(told, step)];
  if (undoing?.state !== 'requested' || undoing.requestedAtMs === undefined) {
    throw untellable(told, `the undoing of ${step} cannot time out: nobody is asked to undo it`);
  }
  return undoing.requestedAtMs + defaultSagaLimits.compensationTimeoutMs;
}
