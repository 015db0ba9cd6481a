import { describe, expect, test } from 'vitest';
import {
  ConfigurationError,
  DefinitionError,
  NotDone,
  PoisonMessageError,
  RetryableError,
  TerminalError,
  TransportError,
} from './error-kinds.ts';
import { TroupeError } from './troupe-error.ts';

describe('error kinds', () => {
  test.each([
    [new DefinitionError('saga s', ['a']), 'DefinitionError', 'definition-invalid', false],
    [new ConfigurationError('x'), 'ConfigurationError', 'configuration-invalid', false],
    [new RetryableError('x'), 'RetryableError', 'retryable', true],
    [new TerminalError('x'), 'TerminalError', 'terminal', false],
    [new NotDone('x'), 'NotDone', 'not-done', false],
    [new PoisonMessageError('x'), 'PoisonMessageError', 'poison-message', false],
    [
      new TransportError('transport-unavailable', 'x'),
      'TransportError',
      'transport-unavailable',
      true,
    ],
    [new TransportError('producer-fenced', 'x'), 'TransportError', 'producer-fenced', false],
  ])('%s has its name, code and retryable', (error, name, code, retryable) => {
    expect(error).toBeInstanceOf(TroupeError);
    expect({ name: error.name, code: error.code, retryable: error.retryable }).toEqual({
      name,
      code,
      retryable,
    });
  });

  test('a definition error lists every fault, and one alone reads as a sentence', () => {
    const two = new DefinitionError('saga s', ['first', 'second']);
    expect(two.message).toBe('saga s has 2 faults:\n  - first\n  - second');
    expect(two.faults).toEqual(['first', 'second']);
    expect(new DefinitionError('saga s', ['first']).message).toBe('saga s: first');
  });

  test('cause and details travel with every kind', () => {
    const cause = new Error('socket closed');
    for (const error of [
      new ConfigurationError('x', { cause, details: { topic: 't' } }),
      new RetryableError('x', { cause, details: { topic: 't' }, retryAfterMs: 5 }),
      new NotDone('x', { cause, details: { topic: 't' } }),
      new TransportError('transport-failed', 'x', { cause, details: { topic: 't' } }),
    ]) {
      expect(error.cause).toBe(cause);
      expect(error.details).toEqual({ topic: 't' });
    }
    expect('cause' in new TerminalError('x')).toBe(false);
  });

  test('a transport error says otherwise when its caller knows better', () => {
    expect(new TransportError('transport-failed', 'x', { retryable: true }).retryable).toBe(true);
  });
});
