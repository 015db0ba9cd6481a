import { TransportError } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { faultType, transactionErrorOf, transportErrorOf } from './transport-error-of.ts';

const brokers = ['one:9092', 'two:9092'];

/** As kafkajs throws it: the broker's answer, inside of what its retries made of it. */
function answered(type: string, retriable = false): Error {
  const answer = Object.assign(new Error(`the broker says ${type}`), { type, retriable });
  return Object.assign(new Error('retries exceeded', { cause: answer }), { retriable: false });
}

describe('transportErrorOf', () => {
  it.each([
    ['MESSAGE_TOO_LARGE', 'message-too-large'],
    ['UNKNOWN_TOPIC_OR_PARTITION', 'topic-missing'],
    ['TOPIC_AUTHORIZATION_FAILED', 'not-authorized'],
    ['INVALID_REPLICATION_FACTOR', 'transport-failed'],
    ['UNKNOWN', 'transport-unavailable'],
    // Another producer id is all it takes.
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'transport-unavailable'],
    ['INVALID_PRODUCER_EPOCH', 'transport-unavailable'],
  ])('%s is %s', (type, code) => {
    expect(transportErrorOf('sending failed', answered(type), brokers)).toMatchObject({
      code,
      message: `sending failed: the broker says ${type} (brokers one:9092, two:9092)`,
    });
  });

  it('what the broker did not answer may succeed later', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED one:9092'), { retriable: true });
    const error = transportErrorOf('sending failed', refused, brokers);
    expect(error).toMatchObject({ code: 'transport-unavailable', retryable: true, cause: refused });
  });

  it('leaves its own errors alone, and takes what is no error', () => {
    const own = new TransportError('stopped', 'over');
    expect(transportErrorOf('sending failed', own, brokers)).toBe(own);
    expect(transportErrorOf('sending failed', 'text', brokers).message).toContain('text');
  });

  it('does not follow causes in circles', () => {
    const error = new Error('round');
    error.cause = error;
    expect(transportErrorOf('sending failed', error, brokers).code).toBe('transport-unavailable');
  });
});

describe('transactionErrorOf', () => {
  it.each([
    answered('INVALID_PRODUCER_EPOCH'),
    answered('INVALID_TXN_STATE'),
    // What kafkajs makes of PRODUCER_FENCED.
    Object.assign(new Error('Unknown error code 90'), { type: 'KAFKAJS_UNKNOWN_ERROR_CODE' }),
  ])('somebody else has the id: $message', (error) => {
    const fenced = transactionErrorOf('a transaction failed', error, brokers);
    expect(fenced).toMatchObject({ code: 'producer-fenced', retryable: false, cause: error });
  });

  it('an unknown error of another number is none of that', () => {
    const error = Object.assign(new Error('Unknown error code 190'), { retriable: false });
    expect(transactionErrorOf('x', error, brokers).code).toBe('transport-unavailable');
  });
});

describe('faultType', () => {
  it("is the broker's answer, however deep", () => {
    expect(faultType(answered('CONCURRENT_TRANSACTIONS'))).toBe('CONCURRENT_TRANSACTIONS');
    expect(faultType(new Error('no answer'))).toBeUndefined();
  });
});
