export type { ErrorCode } from './errors/error-code.ts';
export {
  ConfigurationError,
  DefinitionError,
  NotDone,
  PoisonMessageError,
  RetryableError,
  TerminalError,
  TransportError,
} from './errors/error-kinds.ts';
export { type ErrorDetails, TroupeError, type TroupeErrorOptions } from './errors/troupe-error.ts';
export type { TroupeTypeError } from './errors/type-error.ts';
export type { AvroField, AvroRecord } from './events/avro-value.ts';
export {
  type AnyEventClass,
  defineEvent,
  Event,
  type EventClass,
  type EventOptions,
  type NeedsNamespace,
} from './events/define-event.ts';
export { eventClassOf, eventKeyOf } from './events/event.ts';
export { eventKeyBytesMax, isEventKey } from './events/event-key.ts';
export type {
  AvroType,
  Field,
  Fields,
  FieldWithDefault,
  KeyField,
  NeedsKey,
  NullableType,
  PartType,
  ReadFields,
  WriteFields,
} from './events/field.ts';
export { type FieldTypes, type NamedTypeOptions, t } from './events/field-types.ts';
export { type FromAvroOptions, fromAvro } from './events/from-avro.ts';
export type { AvroJson } from './events/schema/avro-json.ts';
export { dateToDays, daysToDate } from './events/schema/calendar-date.ts';
export { bytesToDecimal, type DecimalType, decimalToBytes } from './events/schema/decimal.ts';
export { schemaFingerprint, schemaText } from './events/schema-text.ts';
export { type Checkpoint, type CheckpointHook, checkpoints } from './participant/checkpoints.ts';
export { createService, type PublishOptions, type Service } from './participant/create-service.ts';
export type { EventContext, StepContext } from './participant/handler-context.ts';
export {
  type Compensate,
  type Done,
  type EventHandler,
  type Execute,
  implement,
  on,
  type StepHandler,
} from './participant/implement.ts';
export { defaultServiceLimits, type ServiceLimits } from './participant/limits.ts';
export type {
  EffectsGuarantee,
  HealthReport,
  Problem,
  ProblemCode,
  ServiceHealthReport,
} from './participant/service-health.ts';
export type { ServiceOptions } from './participant/service-options.ts';
export type { CancelTimer, Clock } from './ports/clock.ts';
export type { Inbox, InboxRow, InboxStatus, StoredOutcome } from './ports/inbox.ts';
export { type LogFields, type Logger, silentLogger } from './ports/logger.ts';
export { type Random, systemRandom } from './ports/random.ts';
export type { Serde } from './ports/serde.ts';
export { systemClock } from './ports/system-clock.ts';
export type {
  Claim,
  Consumer,
  Headers,
  HeaderValue,
  IncomingRecord,
  Isolation,
  OutgoingRecord,
  PartitionReader,
  Producer,
  Subscription,
  TopicAdmin,
  TopicSpec,
  TransactionalProducer,
  Transport,
} from './ports/transport.ts';
export {
  defineSaga,
  eventClassesOf,
  type Saga,
  type SagaOptions,
  toGraph,
} from './sagas/definition/define-saga.ts';
export {
  type After,
  type AnyStep,
  type Definite,
  defineStep,
  type InputOf,
  type Optional,
  type Outcome,
  type Rejection,
  type Step,
  type StepOptions,
} from './sagas/definition/define-step.ts';
export type {
  Need,
  RetryOptions,
  StepContent,
  StepDependency,
} from './sagas/definition/step-content.ts';
export { type CriticalPath, criticalPath } from './sagas/graph/critical-path.ts';
export { toMermaid } from './sagas/graph/mermaid.ts';
export {
  type Dependency,
  type EventRef,
  type SagaGraph,
  type SagaRef,
  type StepNode,
  sagaRef,
} from './sagas/graph/saga-graph.ts';
export { type TopicsOptions, topicsOf } from './wire/topics-of.ts';
