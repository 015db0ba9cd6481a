import { describe, expect, test } from 'vitest';
import { DefinitionError } from '../errors/error-kinds.ts';
import { defineEvent } from '../events/define-event.ts';
import { t } from '../events/field-types.ts';
import { defineStep } from '../sagas/definition/define-step.ts';
import type { EventContext, StepContext } from './handler-context.ts';
import { implement, on } from './implement.ts';

const orderId = t.string().key();
class Placed extends defineEvent('shop.Placed', { orderId }) {}
class Reserved extends defineEvent('shop.Reserved', { orderId }) {}
class Released extends defineEvent('shop.Released', { orderId }) {}
const reserve = defineStep('reserve', { after: Placed, emits: Reserved, compensates: Released });
const ship = defineStep('ship', { after: Placed, emits: Reserved });
/** The handlers below do not look at it. */
const ctx = {} as StepContext;

describe('implement', () => {
  const execute = async (order: Placed) => new Reserved({ orderId: order.orderId });
  const compensate = async () => new Released({ orderId: '1' });

  test('keeps the step and its handlers, for tests that call them and for the run time', async () => {
    const handler = implement(reserve, { execute, compensate });
    const order = new Placed({ orderId: '1' });
    expect(handler.step).toBe(reserve);
    expect(await handler.execute(order, ctx)).toEqual(new Reserved({ orderId: '1' }));
    expect(handler['~handler'].content).toBe(reserve['~step']);
    expect(await handler['~handler'].execute(order, ctx)).toBeInstanceOf(Reserved);
    expect(
      await handler['~handler'].compensate?.({ input: order, output: undefined }, ctx),
    ).toBeInstanceOf(Released);
    expect(implement(ship, { execute })['~handler'].compensate).toBeUndefined();
  });

  test('takes an object with methods that need their this', async () => {
    class Inventory {
      readonly #shelf = 'A7';
      async execute(order: Placed) {
        return new Reserved({ orderId: `${order.orderId} ${this.#shelf}` });
      }
      async compensate() {
        return new Released({ orderId: this.#shelf });
      }
    }
    const handler = implement(reserve, new Inventory());
    const { execute: run } = handler;
    expect(await run(new Placed({ orderId: '1' }), ctx)).toEqual(new Reserved({ orderId: '1 A7' }));
    expect(
      await handler.compensate({ input: new Placed({ orderId: '1' }), output: undefined }, ctx),
    ).toEqual(new Released({ orderId: 'A7' }));
  });

  /** As a caller without a type checker. */
  const untyped = implement as (step: unknown, handlers: unknown) => unknown;
  test.each<[string, unknown, unknown, string]>([
    [
      'no compensate',
      reserve,
      { execute },
      "handler of step reserve: the step names a 'compensates' event, so compensate has to be a function, got undefined",
    ],
    [
      'a superfluous compensate',
      ship,
      { execute, compensate },
      "handler of step ship: the step has no 'compensates' event",
    ],
    ['no execute', ship, {}, 'execute has to be a function, got undefined'],
    ['no handlers', ship, undefined, 'the handlers have to be an object, got undefined'],
    ['no step', Placed, { execute }, 'handler of a step: implement takes a step'],
  ])('%s', (_, step, handlers, fault) => {
    expect(() => untyped(step, handlers)).toThrow(DefinitionError);
    expect(() => untyped(step, handlers)).toThrow(fault);
  });
});

describe('on', () => {
  test('keeps the event class and the handler', async () => {
    const seen: string[] = [];
    const handler = on(Placed, async (order) => {
      seen.push(order.orderId);
    });
    expect(handler.event).toBe(Placed);
    await handler['~handle'](new Placed({ orderId: '7' }), {} as EventContext);
    expect(seen).toEqual(['7']);
  });

  test('is refused with all faults', () => {
    const untyped = on as (event: unknown, handler: unknown) => unknown;
    expect(() => untyped(reserve, undefined)).toThrow(
      expect.objectContaining({
        faults: ['on takes an event class, got object', 'on takes a function, got undefined'],
      }),
    );
  });
});
