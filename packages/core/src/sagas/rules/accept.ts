import { type SagaGraph, type SagaRef, sagaRef, stepNamed } from '../graph/saga-graph.ts';
import { evolve, otherDefinitions, type Progress } from '../progress.ts';
import type { SagaFact } from '../saga-event.ts';
import type { ArrivedInput, OutcomeInput, StartInput } from '../saga-input.ts';
import type { SagaLimits } from '../saga-limits.ts';
import { acceptOutcome } from './accept-outcome.ts';
import { takesAnotherDefinition } from './definition.ts';
import { deviation, textOf } from './deviation.ts';

/** The facts in what arrived: nothing when they are known already, a deviation when nobody expects them. */
export function accept(
  graph: SagaGraph,
  progress: Progress | undefined,
  input: ArrivedInput,
  limits: SagaLimits,
): readonly SagaFact[] {
  const facts =
    input.kind === 'started'
      ? acceptStart(graph, progress, input)
      : acceptOther(graph, progress, input, limits);
  const full = progress !== undefined && progress.deviations >= limits.deviationsMax;
  return full ? facts.filter(({ type }) => type !== 'deviation-seen') : facts;
}

/** A start begins its saga once, and nothing that came before it can keep it from that (I1). */
function acceptStart(
  graph: SagaGraph,
  progress: Progress | undefined,
  input: StartInput,
): readonly SagaFact[] {
  const { saga, sagaId, eventId, stamped, atMs } = input;
  if (progress !== undefined && progress.phase !== 'awaited') {
    if (progress.startEventId === eventId) return [];
    return [deviation('second-start', `${eventId}; begun by ${progress.startEventId ?? 'none'}`)];
  }
  const known = sagaRef(graph);
  if (saga !== known) return [otherDefinition(input, known)];
  const deadlineMs = atMs + graph.timeoutMs;
  const started: SagaFact = { type: 'saga-started', saga, sagaId, eventId, stamped, deadlineMs };
  const others = Object.keys(otherDefinitions(saga, progress)).sort();
  if (others.length === 0) return [started];
  const before = `outcomes of ${others.join(', ')} came before the start of ${saga}`;
  return [started, deviation('other-definition', before)];
}

/**
 * Only a start begins a saga: what comes before it waits for it (rule 12), by the definition that it names, since nobody
 * knows yet which one the start will name (I4).
 */
function acceptOther(
  graph: SagaGraph,
  progress: Progress | undefined,
  input: Exclude<ArrivedInput, StartInput>,
  limits: SagaLimits,
): readonly SagaFact[] {
  const { saga, sagaId } = input;
  if (progress !== undefined && !takesAnotherDefinition(progress, input)) {
    return acceptOwn(graph, progress, progress.saga, input, limits);
  }
  const awaited: SagaFact = { type: 'saga-awaited', saga, sagaId };
  const awaiting = evolve(progress, { ...awaited, atMs: input.atMs });
  const facts = acceptOwn(graph, awaiting, sagaRef(graph), input, limits);
  return facts.length === 0 ? [] : [awaited, ...facts];
}

function acceptOwn(
  graph: SagaGraph,
  progress: Progress | undefined,
  own: SagaRef,
  input: Exclude<ArrivedInput, StartInput>,
  limits: SagaLimits,
): readonly SagaFact[] {
  if (input.saga !== own) return [otherDefinition(input, own)];
  if (!isExpected(graph, input)) return [deviation('unexpected-event', textOf(input))];
  return acceptOutcome(progress, input, limits);
}

/** There is such a step, and it has such an outcome. */
function isExpected(
  graph: SagaGraph,
  input: Exclude<ArrivedInput, StartInput>,
): input is OutcomeInput {
  if (input.kind === 'unexpected') return false;
  const node = stepNamed(graph, input.step);
  switch (input.kind) {
    case 'rejected':
      return node?.rejects !== undefined;
    case 'compensated':
    case 'compensation-failed':
      return node?.compensates !== undefined;
    default:
      return node !== undefined;
  }
}

function otherDefinition(input: ArrivedInput, own: SagaRef): SagaFact {
  return deviation('other-definition', `${textOf(input)} names ${input.saga}, not ${own}`);
}
