import type { Serde } from '@troupe/core';
import {
  CompensationRequested,
  effectId,
  eventIdOf,
  eventOfDependency,
  inDoubt,
  internalTopics,
  requestId,
  type SagaDecision,
  type SagaGraph,
  type StepNode,
  StepRequested,
  stepNamed,
  type TraceHeaders,
  type Tracing,
  writeMessageHeaders,
} from '@troupe/core/internal';
import type { Request } from '../committing/commit-batch.ts';
import { payloadOf } from '../state/kept-payloads.ts';
import type { Payload, SagaEntry } from '../state/saga-entry.ts';

export type RequestDecision = Extract<
  SagaDecision,
  { readonly type: 'step-requested' | 'cancel-requested' | 'compensation-requested' }
>;

export function isRequest(event: { readonly type: string }): event is RequestDecision {
  return (
    event.type === 'step-requested' ||
    event.type === 'cancel-requested' ||
    event.type === 'compensation-requested'
  );
}

export interface RequestParts {
  readonly partition: number;
  readonly graph: SagaGraph;
  readonly entry: SagaEntry;
  readonly decision: RequestDecision;
  /** The event that brought the decision about; undefined when it was time alone. */
  readonly causationId: string | undefined;
  readonly parent: TraceHeaders;
  readonly source: string;
  readonly nowMs: number;
  readonly serde: Serde;
  readonly tracing: Tracing;
}

/** An event that this request needs was not kept: see `payloadNeeds`. */
export interface MissingPayload {
  readonly missing: string;
}

/** The record of `troupe.requests` that carries out a decision. */
export function requestRecord(parts: RequestParts): Request | MissingPayload {
  const { graph, entry, decision, partition } = parts;
  const step = stepNamed(graph, decision.step);
  if (step === undefined) return { missing: `step ${decision.step}` };
  const event = requestEvent(graph, step, entry, decision);
  if ('missing' in event) return event;
  const undoes = decision.type === 'compensation-requested' ? decision.undoes : undefined;
  const effect = effectId({
    sagaName: graph.name,
    correlationId: entry.sagaId,
    step: step.name,
    ...(undoes === undefined ? { action: 'execute' } : { action: 'compensate', undoes }),
  });
  const id = requestId(effect, decision.type, decision.requestNumber);
  const value = parts.serde.encode(event);
  const trace = parts.tracing.send(
    {
      topic: internalTopics.requests,
      id,
      correlationId: entry.sagaId,
      bodyBytes: value.length,
      saga: entry.progress.saga,
      step: step.name,
      outcome: decision.type,
    },
    parts.parent,
  );
  const headers = writeMessageHeaders(
    {
      id,
      source: parts.source,
      type: event['~event'],
      correlationId: entry.sagaId,
      causationId: parts.causationId,
      saga: entry.progress.saga,
      step: step.name,
      attempt: 1,
      undoes,
    },
    parts.nowMs,
  );
  return {
    record: {
      topic: internalTopics.requests,
      partition,
      key: entry.sagaId,
      value,
      headers: { ...headers, ...trace.headers },
    },
    sent: (error) => trace.end(error),
  };
}

function requestEvent(
  graph: SagaGraph,
  step: StepNode,
  entry: SagaEntry,
  decision: RequestDecision,
): StepRequested | CompensationRequested | MissingPayload {
  const { requestNumber } = decision;
  const request = { correlationId: entry.sagaId, step: step.name, requestNumber };
  if (decision.type === 'cancel-requested') {
    return new CompensationRequested({ ...request, action: 'cancel', inputs: [] });
  }
  const inputs = inputsOf(graph, step, entry);
  if ('missing' in inputs) return inputs;
  if (decision.type === 'step-requested') {
    return new StepRequested({ ...request, action: 'execute', inputs });
  }
  if (decision.undoes === inDoubt) {
    return new CompensationRequested({ ...request, action: 'compensate', inputs });
  }
  const output = payloadOf(entry.payloads, step.emits, decision.undoes);
  if (output === undefined) return { missing: decision.undoes };
  const { type, framed } = output;
  return new CompensationRequested({
    ...request,
    action: 'compensate',
    inputs,
    undoes: decision.undoes,
    output: { type, eventId: decision.undoes, framed },
  });
}

interface Input extends Payload {
  readonly dependency: string;
  readonly eventId: string;
}

function inputsOf(
  graph: SagaGraph,
  step: StepNode,
  { progress, payloads }: SagaEntry,
): Input[] | MissingPayload {
  const inputs: Input[] = [];
  for (const dependency of step.dependencies) {
    const eventId = eventIdOf(progress, dependency);
    const event = eventOfDependency(graph, dependency);
    if (eventId === undefined || event === undefined) continue;
    const payload = payloadOf(payloads, event, eventId);
    if (payload === undefined) return { missing: eventId };
    inputs.push({ dependency: dependency.name, eventId, ...payload });
  }
  return inputs;
}
