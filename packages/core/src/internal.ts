/** For Troupe's own packages: what a coordinator, a transport or a test needs and a user's service does not. */

export { checkedLimits, type GivenLimits } from './checked-limits.ts';
export { isEventClass } from './events/make-event-class.ts';
export { type Decided, decide } from './sagas/decide.ts';
export { effectId, failureId, inDoubt, outcomeId, requestId } from './sagas/effect-id.ts';
export { awaitedTopics } from './sagas/graph/awaited-topics.ts';
export { type GraphRelations, graphRelations } from './sagas/graph/graph-relations.ts';
export { graphToMermaid } from './sagas/graph/mermaid.ts';
export { type GraphFault, parseSagaGraph } from './sagas/graph/parse-graph.ts';
export { keepsPayload, type PayloadNeeds, payloadNeeds } from './sagas/graph/payload-needs.ts';
export {
  type Dependency,
  type EventRef,
  eventOfDependency,
  parseSagaRef,
  type SagaGraph,
  type SagaRef,
  type StepNode,
  sagaRef,
  stepNamed,
} from './sagas/graph/saga-graph.ts';
export { hashOfGraph } from './sagas/graph/saga-hash.ts';
export { signatureOfStep, stepSignature } from './sagas/graph/step-signature.ts';
export { topologicalOrder } from './sagas/graph/topological-order.ts';
export {
  eventIdOf,
  evolve,
  isEnded,
  mayStillSucceed,
  type Progress,
  type StepProgress,
  withLostInput,
} from './sagas/progress.ts';
export { definitionOf } from './sagas/rules/definition.ts';
export { type StepState, type StepStates, stepStates } from './sagas/rules/step-state.ts';
export { nextTimerAtMs } from './sagas/rules/time.ts';
export type {
  InputFault,
  RequestFault,
  SagaDecision,
  SagaEvent,
  SagaFact,
} from './sagas/saga-event.ts';
export type { ArrivedInput, OutcomeInput, SagaInput } from './sagas/saga-input.ts';
export { defaultSagaLimits, type SagaLimits } from './sagas/saga-limits.ts';
export { currentTracing } from './tracing/current-tracing.ts';
export { copyTraceHeaders } from './tracing/trace-headers.ts';
export type { SagaSpan, TraceHeaders, Tracing } from './tracing/tracing.ts';
export { type Admission, admit, type KnownSagas } from './wire/admit.ts';
export {
  assignPartitionNumbers,
  type GroupMember,
  type PartitionAssignment,
} from './wire/assign-partition-numbers.ts';
export { checkCoPartitioning, checkTopicsExist } from './wire/co-partitioning.ts';
export { readDefinition, writeDefinition } from './wire/definition-record.ts';
export { detachedRecord } from './wire/detached-record.ts';
export { contentTypes, headerLimits, headerNames } from './wire/header-names.ts';
export { inputOfEvent } from './wire/input-of-event.ts';
export {
  CompensationRequested,
  internalEvents,
  StepFailed,
  StepRequested,
  StepSkipped,
} from './wire/internal-events.ts';
export { deadLetterTopic, internalTopics, retryTopic } from './wire/internal-topics.ts';
export {
  type MessageHeaders,
  readMessageHeaders,
  writeMessageHeaders,
} from './wire/message-headers.ts';
export { partitionOf } from './wire/partition-of.ts';
export { recordBytes } from './wire/record-bytes.ts';
export { TextMemory } from './wire/text-memory.ts';
