import { ManualClock } from '@troupe/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../ports/logger.ts';
import { HandlerSlots } from '../../intake/handler-slots.ts';
import { defaultServiceLimits } from '../../limits.ts';
import { ServiceHealth } from '../../service-health.ts';
import { EndableTenure, Interrupted } from '../../waiting/tenure.ts';
import { ForgetfulInbox } from '../inbox/forgetful-inbox.ts';
import { Attempt } from './attempt.ts';
import { HandlerCall } from './handler-call.ts';

let clock: ManualClock;
let slots: HandlerSlots;
let tenure: EndableTenure;
let health: ServiceHealth;
beforeEach(() => {
  clock = new ManualClock();
  slots = new HandlerSlots(1, 10);
  tenure = new EndableTenure();
  health = new ServiceHealth(silentLogger, () => clock.nowMs());
});

function handlerCall(): HandlerCall {
  const inbox = new ForgetfulInbox(1);
  const attempt = new Attempt(1, 'effect', {
    name: 'stock',
    inbox,
    hasInbox: false,
    checkpoint: undefined,
  });
  const parts = { clock, slots, health, limits: defaultServiceLimits };
  const work = { action: 'execute', subject: 'reserve-stock' };
  const call = new HandlerCall(parts, tenure, attempt, work);
  expect(call.takeSlot()).toBeUndefined();
  return call;
}

const problems = (): string[] =>
  health.report(true, 'at-least-once').problems.map((p) => p.message);

function isSlotFree(): boolean {
  const isFree = slots.tryTake();
  if (isFree) slots.release();
  return isFree;
}

describe('the slot of a handler', () => {
  it('is its own until it ends, however it ends', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const called = handlerCall().call(() => promise);
    expect(isSlotFree()).toBe(false);
    resolve('done');
    expect(await called).toBe('done');
    expect(isSlotFree()).toBe(true);
    expect(handlerCall().call(() => 'at once')).toBe('at once');
    expect(isSlotFree()).toBe(true);
    await expect(handlerCall().call(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(isSlotFree()).toBe(true);
    const throws = (): never => {
      throw new Error('at once');
    };
    expect(() => handlerCall().call(throws)).toThrow('at once');
    expect(isSlotFree()).toBe(true);
  });

  it('is free again when the handler is left, and once only', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const called = handlerCall().call(() => promise);
    tenure.end();
    await expect(called).rejects.toBeInstanceOf(Interrupted);
    expect([isSlotFree(), slots.abandoned]).toEqual([true, 1]);
    expect(problems()).toEqual([expect.stringMatching(/was still running when it was given up/)]);
    resolve('late');
    await promise;
    expect([isSlotFree(), slots.abandoned]).toEqual([true, 0]);
    expect(problems()).toEqual([]);
  });
});

describe('a tenure that is over', () => {
  it('has no handler called any more', () => {
    let calls = 0;
    const call = handlerCall();
    tenure.end();
    expect(() => call.call(() => (calls += 1))).toThrow(Interrupted);
    expect(calls).toBe(0);
    expect(isSlotFree()).toBe(true);
  });

  it('because of the handler itself leaves it', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const called = handlerCall().call(() => {
      tenure.end();
      return promise;
    });
    await expect(called).rejects.toBeInstanceOf(Interrupted);
    expect([isSlotFree(), slots.abandoned]).toEqual([true, 1]);
    resolve('late');
    await promise;
    expect(slots.abandoned).toBe(0);
  });
});
