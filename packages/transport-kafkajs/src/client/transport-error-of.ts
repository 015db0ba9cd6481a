import { TransportError } from '@troupe/core';

/** What kafkajs's errors carry beside their message; `type` is the broker's answer. */
interface KafkaFault {
  readonly name: string;
  readonly message: string;
  readonly type?: unknown;
  readonly retriable?: unknown;
  readonly cause?: unknown;
}

type Code = ConstructorParameters<typeof TransportError>[0];

const codeByType: Readonly<Record<string, Code>> = {
  MESSAGE_TOO_LARGE: 'message-too-large',
  RECORD_LIST_TOO_LARGE: 'message-too-large',
  UNKNOWN_TOPIC_OR_PARTITION: 'topic-missing',
  TOPIC_AUTHORIZATION_FAILED: 'not-authorized',
  GROUP_AUTHORIZATION_FAILED: 'not-authorized',
  CLUSTER_AUTHORIZATION_FAILED: 'not-authorized',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'not-authorized',
  SASL_AUTHENTICATION_FAILED: 'not-authorized',
  // UNKNOWN_SERVER_ERROR: the broker failed, whatever it was asked.
  UNKNOWN: 'transport-unavailable',
};

/** Somebody else has the transactional id by now, or the broker has aborted the transaction because it took too long. */
const fencedTypes: ReadonlySet<unknown> = new Set([
  'INVALID_PRODUCER_EPOCH',
  'INVALID_TXN_STATE',
  'INVALID_PRODUCER_ID_MAPPING',
  'TRANSACTION_COORDINATOR_FENCED',
]);
/** PRODUCER_FENCED, which kafkajs 2.2.4 does not know. */
const fencedMessage = /unknown error code 90\b/i;

/** What only says that the producer id is used up: the same records are sent again under another one. */
const spentProducerTypes: ReadonlySet<unknown> = new Set([
  ...fencedTypes,
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
]);

/** A kafkajs error as a `TransportError` whose code says what to do, with the address that was tried. */
export function transportErrorOf(
  doing: string,
  error: unknown,
  brokers: readonly string[],
): TransportError {
  if (error instanceof TransportError) return error;
  const faults = [...chainOf(error)];
  const innermost = faults.at(-1);
  const message = innermost === undefined ? String(error) : innermost.message;
  const text = `${doing}: ${message} (brokers ${brokers.join(', ')})`;
  return new TransportError(codeOf(faults), text, { cause: error });
}

/** For who has a transactional id: an older holder must know that it is one. */
export function transactionErrorOf(
  doing: string,
  error: unknown,
  brokers: readonly string[],
): TransportError {
  const plain = transportErrorOf(doing, error, brokers);
  const faults = [...chainOf(error)];
  const isFenced = faults.some(
    ({ type, message }) => fencedTypes.has(type) || fencedMessage.test(message),
  );
  return isFenced ? new TransportError('producer-fenced', plain.message, { cause: error }) : plain;
}

/** The broker's name for what went wrong, if it answered at all. */
export function faultType(error: unknown): string | undefined {
  for (const { type } of chainOf(error)) if (typeof type === 'string') return type;
  return undefined;
}

function codeOf(faults: readonly KafkaFault[]): Code {
  for (const { name, type } of faults) {
    const code = typeof type === 'string' ? codeByType[type] : undefined;
    if (code !== undefined) return code;
    if (name === 'KafkaJSSASLAuthenticationError') return 'not-authorized';
  }
  const answer = faults.find(({ type }) => typeof type === 'string');
  const isFinal =
    answer !== undefined && answer.retriable === false && !spentProducerTypes.has(answer.type);
  return isFinal ? 'transport-failed' : 'transport-unavailable';
}

/** kafkajs wraps the error of the broker in one of its retries. */
function* chainOf(error: unknown): Iterable<KafkaFault> {
  const seen = new Set<unknown>();
  for (let fault = error; isFault(fault) && !seen.has(fault); fault = fault.cause) {
    seen.add(fault);
    yield fault;
  }
}

function isFault(error: unknown): error is KafkaFault {
  return error instanceof Error;
}
