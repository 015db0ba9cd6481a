import type { Clock } from '@troupe/core';
import { describe, expect, test } from 'vitest';
import { orderAt } from '../orders/generate-order.ts';
import { postOrder } from './order-client.ts';

const order = orderAt(1, 0, 'order');
const { signal } = new AbortController();

/** Answers one request after the other, and remembers what was asked. */
function serviceThat(...answers: (() => Response)[]) {
  const bodies: unknown[] = [];
  const sleeps: number[] = [];
  const clock: Clock = {
    nowMs: () => 0,
    monotonicMs: () => 0,
    after: () => () => undefined,
    sleep: async (delayMs) => {
      sleeps.push(delayMs);
    },
  };
  const send: typeof fetch = async (_url, init) => {
    bodies.push(JSON.parse(String(init?.body)));
    return (answers[Math.min(bodies.length, answers.length) - 1] ?? taken)();
  };
  const post = () => postOrder({ url: 'http://order/orders', order, clock, signal, send });
  return { post, bodies, sleeps };
}

const taken = () => Response.json({ orderId: order.orderId }, { status: 202 });
const away = () => Response.json({ code: 'transport-unavailable' }, { status: 503 });
const unreachable = () => {
  throw new TypeError('fetch failed');
};

describe('postOrder', () => {
  test('places an order with its id', async () => {
    const { post, bodies, sleeps } = serviceThat(taken);
    await post();
    expect([bodies, sleeps]).toEqual([[order], []]);
  });

  test('asks again when the service or its broker is away, later each time', async () => {
    const { post, bodies, sleeps } = serviceThat(away, unreachable, taken);
    await post();
    expect(bodies).toEqual([order, order, order]);
    expect(sleeps).toEqual([100, 200]);
  });

  test('gives up in the end, with the reason', async () => {
    const { post, bodies } = serviceThat(unreachable);
    await expect(post()).rejects.toThrow('order order-1 was not taken: TypeError: fetch failed');
    expect(bodies).toHaveLength(8);
  });

  test('does not ask again for what is no order', async () => {
    const refused = () => new Response('lines is missing', { status: 400 });
    const { post, bodies } = serviceThat(refused);
    await expect(post()).rejects.toThrow('order order-1 was not taken: 400 lines is missing');
    expect(bodies).toHaveLength(1);
  });
});
