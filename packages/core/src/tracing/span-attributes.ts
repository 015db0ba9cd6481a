import type { SpanAttributes } from '@opentelemetry/api';
import type { IncomingRecord } from '../ports/transport.ts';
import type { MessageHeaders } from '../wire/message-headers.ts';
import type { AttemptSpan, SagaSpan, SentMessage } from './tracing.ts';

/**
 * OpenTelemetry's semantic conventions for messaging, for Kafka. Where they renamed an attribute both names are written:
 * the back ends in use know the old one.
 */
const system = { 'messaging.system': 'kafka', 'messaging.system.name': 'kafka' };

export function processAttributes(
  record: IncomingRecord,
  headers: MessageHeaders | undefined,
  groupId: string,
): SpanAttributes {
  const offset = Number(record.offset);
  const attributes: SpanAttributes = {
    ...system,
    'messaging.operation.type': 'process',
    'messaging.operation.name': 'process',
    'messaging.destination.name': record.topic,
    'messaging.destination.partition.id': String(record.partition),
    'messaging.consumer.group.name': groupId,
    'messaging.kafka.offset': offset,
    'kafka.offset': offset,
    'messaging.message.body.size': record.value?.length ?? 0,
  };
  if (record.value === null) attributes['kafka.message.tombstone'] = true;
  if (headers === undefined) return attributes;
  attributes['messaging.message.id'] = headers.id;
  attributes['messaging.message.conversation_id'] = headers.correlationId;
  attributes['kafka.message.key'] = headers.correlationId;
  attributes['troupe.event'] = headers.type;
  if (headers.saga !== undefined) attributes['troupe.saga'] = headers.saga;
  return attributes;
}

export function sendAttributes(message: SentMessage): SpanAttributes {
  const attributes: SpanAttributes = {
    ...system,
    'messaging.operation.type': 'send',
    'messaging.operation.name': 'send',
    'messaging.destination.name': message.topic,
    'messaging.message.id': message.id,
    'messaging.message.conversation_id': message.correlationId,
    'messaging.message.body.size': message.bodyBytes,
    'kafka.message.key': message.correlationId,
  };
  if (message.saga !== undefined) attributes['troupe.saga'] = message.saga;
  if (message.step !== undefined) attributes['troupe.step'] = message.step;
  if (message.outcome !== undefined) attributes['troupe.outcome'] = message.outcome;
  return attributes;
}

export function attemptAttributes({ action, subject, attempt }: AttemptSpan): SpanAttributes {
  return {
    [action === 'handle' ? 'troupe.event' : 'troupe.step']: subject,
    'troupe.action': action,
    'troupe.attempt': attempt,
  };
}

export function sagaAttributes(saga: SagaSpan): SpanAttributes {
  const attributes: SpanAttributes = {
    'troupe.saga': saga.saga,
    'troupe.outcome': saga.outcome,
    'messaging.message.conversation_id': saga.correlationId,
  };
  if (saga.cause !== undefined) attributes['troupe.cause'] = saga.cause;
  if (saga.step !== undefined) attributes['troupe.step'] = saga.step;
  if (saga.deviations > 0) attributes['troupe.deviations'] = saga.deviations;
  return attributes;
}
