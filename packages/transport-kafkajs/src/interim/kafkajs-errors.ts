import { TransportError } from '@troupe/core';

/** What kafkajs's errors carry beside their message. */
interface KafkaFault {
  readonly name: string;
  readonly message: string;
  readonly type?: string;
  readonly cause?: unknown;
  readonly broker?: string;
}

const fencedTypes = new Set([
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
  'INVALID_TXN_STATE',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'TRANSACTION_COORDINATOR_FENCED',
  'INVALID_PRODUCER_ID_MAPPING',
]);

/** A kafkajs error as a `TransportError` whose code says what to do. */
export function transportError(
  doing: string,
  error: unknown,
  brokers: readonly string[],
): TransportError {
  if (error instanceof TransportError) return error;
  const fault = innermost(error);
  const { message } = fault;
  const text = `${doing}: ${message} (brokers ${brokers.join(', ')})`;
  const options = { cause: error };
  if (fault.type !== undefined && fencedTypes.has(fault.type)) {
    return new TransportError('producer-fenced', text, options);
  }
  if (fault.type === 'MESSAGE_TOO_LARGE' || fault.type === 'RECORD_LIST_TOO_LARGE') {
    return new TransportError('message-too-large', text, options);
  }
  if (fault.type === 'UNKNOWN_TOPIC_OR_PARTITION') {
    return new TransportError('topic-missing', text, options);
  }
  return new TransportError('transport-unavailable', text, options);
}

/** kafkajs wraps the error of the broker in one of its retries. */
function innermost(error: unknown): KafkaFault {
  let fault: unknown = error;
  while (isFault(fault) && isFault(fault.cause) && fault.type === undefined) fault = fault.cause;
  return isFault(fault) ? fault : { name: 'Error', message: String(error) };
}

function isFault(error: unknown): error is KafkaFault {
  return error instanceof Error;
}
