import { describe, expect, test } from 'vitest';
import { DefinitionError } from '../../errors/error-kinds.ts';
import { defineEvent } from '../../events/define-event.ts';
import { t } from '../../events/field-types.ts';
import { defineStep } from './define-step.ts';

const orderId = t.string().key();
class Placed extends defineEvent('shop.Placed', { orderId }) {}
class Reserved extends defineEvent('shop.Reserved', { orderId }) {}
class Refused extends defineEvent('shop.Refused', { orderId }) {}
class Released extends defineEvent('shop.Released', { orderId }) {}
class Shipped extends defineEvent('shop.Shipped', { orderId }) {}

const reserve = defineStep('reserve', {
  after: Placed,
  emits: Reserved,
  rejects: Refused,
  compensates: Released,
});

const faultsOf = (name: unknown, options: unknown): readonly string[] => {
  try {
    defineStep(name as string, options as { after: typeof Placed; emits: typeof Shipped });
  } catch (error) {
    if (error instanceof DefinitionError) return error.faults;
    throw error;
  }
  return [];
};
const usual = { after: Placed, emits: Shipped };

describe('a step', () => {
  test('keeps what it was defined with', () => {
    const when = () => true;
    const step = defineStep('ship', {
      after: { order: Placed, stock: reserve.optional, no: reserve.rejected.required },
      emits: Shipped,
      when,
      pivot: true,
      timeoutMs: 5,
      retry: { attemptsMax: 3, firstDelayMs: undefined },
    });
    expect(step['~step']).toEqual({
      name: 'ship',
      shape: 'named',
      dependencies: [
        { name: 'order', step: undefined, outcome: 'succeeded', need: 'usual', eventClass: Placed },
        {
          name: 'stock',
          step: reserve['~step'],
          outcome: 'succeeded',
          need: 'optional',
          eventClass: Reserved,
        },
        {
          name: 'no',
          step: reserve['~step'],
          outcome: 'rejected',
          need: 'required',
          eventClass: Refused,
        },
      ],
      emits: Shipped,
      rejects: undefined,
      compensates: undefined,
      nothingToUndo: false,
      pivot: true,
      when,
      timeoutMs: 5,
      retry: { attemptsMax: 3 },
    });
  });

  test('waits for one outcome, an object or a tuple of them', () => {
    const single = defineStep('s', { after: reserve.rejected, emits: Shipped });
    const tuple = defineStep('t', { after: [Placed, reserve.required], emits: Shipped });
    expect(single['~step']).toMatchObject({
      shape: 'single',
      dependencies: [{ name: '', outcome: 'rejected', need: 'usual', eventClass: Refused }],
    });
    expect(tuple['~step']).toMatchObject({
      shape: 'tuple',
      dependencies: [
        { name: '0', eventClass: Placed },
        { name: '1', need: 'required' },
      ],
    });
  });

  test('says on purpose that there is nothing to undo', () => {
    const check = defineStep('check', { ...usual, compensates: null });
    expect(check['~step']).toMatchObject({ compensates: undefined, nothingToUndo: true });
  });

  test('is refused with all of its faults', () => {
    expect(faultsOf('9', { after: [], emits: 'x', timeoutMs: 0, pivot: 1, emit: Shipped })).toEqual(
      [
        `the name "9" does not do: 1 to 200 letters, digits, '-', '_' and '.', beginning with a letter`,
        "there is no option 'emit': the options are after, emits, rejects, compensates, when, pivot, timeoutMs, retry",
        'after is empty: name what the step waits for',
        'emits has to be an event class, as made by defineEvent, got string "x"',
        'pivot has to be true or false, got number 1',
        'timeoutMs has to be a whole number from 1 to 31622400000, got 0',
      ],
    );
  });

  test.each<[string, unknown, unknown, string]>([
    ['a name with a slash', 'a/b', usual, 'the name "a/b" does not do'],
    ['a long name', 'a'.repeat(201), usual, 'does not do: 1 to 200 letters'],
    ['no name', undefined, usual, 'the name undefined does not do'],
    ['no options', 's', undefined, 'the options have to be an object, got undefined'],
    ['after missing', 's', { emits: Shipped }, "after has to be the start event's class, a step"],
    ['after a name', 's', { ...usual, after: 'reserve' }, 'got string "reserve"'],
    [
      'after a name in a join',
      's',
      { ...usual, after: { stock: 'reserve' } },
      "after.stock has to be the start event's class",
    ],
    [
      'after no refusal',
      's',
      { ...usual, after: defineStep('ship', usual).rejected },
      "after: step 'ship' has no 'rejects' event, so nothing can wait for its refusal",
    ],
    [
      'a single optional',
      's',
      { ...usual, after: reserve.optional },
      'a single dependency cannot be optional',
    ],
    [
      'one outcome twice',
      's',
      { ...usual, after: { a: reserve, b: reserve.optional } },
      'after.a and after.b are one event: shop.Reserved',
    ],
    [
      'an odd member',
      's',
      { ...usual, after: { 'a-b': reserve } },
      'after.a-b: the name of a member has to be a plain identifier',
    ],
    [
      'an inherited member',
      's',
      { ...usual, after: { valueOf: reserve } },
      'after.valueOf: the name of a member',
    ],
    [
      'an event for two outcomes',
      's',
      { ...usual, rejects: Shipped },
      'emits and rejects are both shop.Shipped',
    ],
    ['a step for an event', 's', { ...usual, emits: reserve }, 'emits has to be an event class'],
    [
      'rejects null',
      's',
      { ...usual, rejects: null },
      'rejects has to be an event class, as made by defineEvent, got null',
    ],
    [
      'when no function',
      's',
      { ...usual, when: true },
      'when has to be a function of the inputs, got boolean true',
    ],
    [
      'a pivot with an undo',
      's',
      { ...usual, pivot: true, compensates: Released },
      'a pivot is never undone',
    ],
    ['half a millisecond', 's', { ...usual, timeoutMs: 0.5 }, 'timeoutMs has to be a whole number'],
    [
      'a text',
      's',
      { ...usual, timeoutMs: '30s' },
      'timeoutMs has to be a whole number from 1 to 31622400000, got 30s',
    ],
    [
      'no attempt',
      's',
      { ...usual, retry: { attemptsMax: 0 } },
      'retry.attemptsMax has to be a whole number from 1',
    ],
    [
      'an unknown retry',
      's',
      { ...usual, retry: { attempts: 1 } },
      "retry: there is no option 'attempts'",
    ],
    ['a number of retries', 's', { ...usual, retry: 3 }, 'retry has to be an object, got number 3'],
  ])('%s', (_, name, options, fault) => {
    expect(faultsOf(name, options)).toEqual([expect.stringContaining(fault)]);
  });
});
