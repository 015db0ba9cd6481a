import assert from 'node:assert/strict';
import type { SagaGraph } from './graph/saga-graph.ts';
import { evolve, isEnded, type Progress } from './progress.ts';
import { accept } from './rules/accept.ts';
import { doomOf, isDoomed } from './rules/doom.ts';
import { type Stuck, standing } from './rules/ending.ts';
import { requestsOfReadySteps } from './rules/forward.ts';
import { stepStates } from './rules/step-state.ts';
import { passedTimers } from './rules/time.ts';
import { undoing } from './rules/undo.ts';
import type { SagaDecision, SagaEvent, SagaFact } from './saga-event.ts';
import type { InputLost, RequestImpossible, SagaInput, TimeFault } from './saga-input.ts';
import { defaultSagaLimits, type SagaLimits } from './saga-limits.ts';

/** What became of a saga by one input, and its progress after that. */
export interface Decided {
  readonly events: readonly SagaEvent[];
  readonly progress: Progress | undefined;
}

/**
 * The rules of sagas, all of them: what arrived becomes facts, and the facts have consequences, until nothing
 * more follows. Pure and synchronous: the same progress, input and time give the same events.
 *
 * `graph` is the one of `definitionOf`. `nowMs` only dates the decisions; only the input `time-passed` lets time limits
 * pass, those up to its `untilMs`.
 */
export function decide(
  graph: SagaGraph,
  progress: Progress | undefined,
  input: SagaInput,
  nowMs: number,
  limits: SagaLimits = defaultSagaLimits,
): Decided {
  const saga = new Unfolding(progress);
  if (isTrouble(input)) {
    for (const event of troubleOf(progress, input)) saga.add(event, nowMs);
    // Nothing new is known of any step: nothing else follows.
    return saga;
  }
  if (input.kind === 'time-passed') {
    if (progress === undefined) return saga;
    for (const event of passedTimers(graph, progress, input.untilMs, limits)) {
      saga.add(event, nowMs);
    }
  } else {
    for (const event of accept(graph, progress, input, limits)) {
      saga.add(event, input.atMs);
    }
  }
  let roundsLeft = decisionRoundsMax(graph);
  for (;;) {
    const decisions = saga.progress ? consequences(graph, saga.progress, limits) : [];
    if (decisions.length === 0) return saga;
    assert(
      roundsLeft-- > 0,
      `the decisions on saga ${saga.progress?.sagaId} do not come to an end`,
    );
    for (const decision of decisions) saga.add(decision, nowMs);
  }
}

/** What its coordinator cannot do for a saga. */
type Trouble = RequestImpossible | InputLost | TimeFault;

function isTrouble(input: SagaInput): input is Trouble {
  const { kind } = input;
  return kind === 'request-impossible' || kind === 'input-lost' || kind === 'time-fault';
}

/** A saga that runs is stuck with it, whatever else it is stuck with. */
function troubleOf(progress: Progress | undefined, input: Trouble): readonly SagaDecision[] {
  if (progress?.phase !== 'running') return [];
  if (input.kind === 'time-fault') return stuckAs(progress, { reason: 'time-fault' });
  const { reason } = input;
  if (input.kind === 'request-impossible') return stuckAs(progress, { reason, step: input.step });
  return progress.lostInput === reason ? [] : stuckAs(progress, { reason });
}

/**
 * Each round settles at least one decision until the next input: that a step is asked for, cancelled or undone, a few for
 * each step; that the saga is doomed, stuck, goes on or has ended, a few for all of it.
 */
function decisionRoundsMax({ steps }: SagaGraph): number {
  return 10 + 4 * steps.length;
}

/** A saga while events are added to it: those so far, and the progress after them. */
class Unfolding implements Decided {
  readonly events: SagaEvent[] = [];
  progress: Progress | undefined;

  constructor(progress: Progress | undefined) {
    this.progress = progress;
  }

  add(event: SagaFact | SagaDecision, atMs: number): void {
    const dated = { ...event, atMs };
    this.events.push(dated);
    this.progress = evolve(this.progress, dated);
  }
}

function consequences(
  graph: SagaGraph,
  progress: Progress,
  limits: SagaLimits,
): readonly SagaDecision[] {
  if (progress.phase === 'awaited' || isEnded(progress)) return [];
  // It ended, and then something happened after all: only a person can say what is to become of it (rule 12).
  if (progress.lateSuccess !== undefined) {
    return stuckAs(progress, { reason: 'late-success', step: progress.lateSuccess });
  }
  const states = stepStates(graph, progress);
  if (progress.doom === undefined) {
    const doom = doomOf(graph, progress, states);
    if (doom !== undefined) return [{ type: 'saga-doomed', ...doom }];
  }
  const requests = isDoomed(graph, progress, states)
    ? undoing(graph, states)
    : requestsOfReadySteps(states);
  if (requests.length > 0) return requests;
  const stands = standing(graph, progress, states, limits);
  if (stands === 'completed') return [{ type: 'saga-completed' }];
  if (stands === 'compensated') return [{ type: 'saga-compensated' }];
  if (stands === 'under-way') return progress.stuck ? [{ type: 'saga-resumed' }] : [];
  return stuckAs(progress, stands);
}

function stuckAs({ stuck }: Progress, { reason, step }: Stuck): readonly SagaDecision[] {
  const isKnown = stuck?.reason === reason && stuck.step === step;
  return isKnown ? [] : [{ type: 'saga-stuck', reason, step }];
}
