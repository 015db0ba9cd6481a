import { StepFailed } from '@troupe/core/internal';
import { portWith } from '@troupe/testing/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseInbox } from './database-inbox.ts';
import { order, reserved, stock } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { StockReserved } from './shop.ts';

let world: ParticipantWorld;
beforeEach(async () => {
  world = await ParticipantWorld.open();
});
afterEach(() => world.close());

const limits = {
  attemptTimeoutMs: 1_000,
  attemptGraceMs: 50,
  retryFirstDelayMs: 10,
  attemptsMax: 2,
};

/** A promise with its ends outside. */
function gate(): { readonly open: () => void; readonly passed: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, passed: promise };
}

async function letTimePass(ms: number): Promise<void> {
  await world.until(`something waits ${ms} ms`, () => world.clock.hasTimer(ms));
  world.clock.advance(ms);
}

describe('an attempt that takes too long', () => {
  it('is told by its signal, and another one follows', async () => {
    const signals: AbortSignal[] = [];
    const slow = stock(({ orderId }, ctx) => {
      signals.push(ctx.signal);
      if (ctx.attempt === 2) return Promise.resolve(reserved(orderId));
      return new Promise((_, reject) => {
        ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason));
      });
    });
    await world.started({ inbox: new DatabaseInbox(), handlers: [slow], limits });
    await world.send(order('1'));
    await letTimePass(1_000);
    await letTimePass(10);
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    expect(signals.map((signal) => signal.aborted)).toEqual([true, false]);
    expect(String(signals[0]?.reason)).toMatch(/attempt 1 of execute reserve-stock took longer/);
  });

  it('counts when it succeeds within the grace', async () => {
    const slow = stock(({ orderId }, ctx) => {
      const { promise, resolve } = Promise.withResolvers<StockReserved>();
      ctx.signal.addEventListener('abort', () => resolve(reserved(orderId)));
      return promise;
    });
    await world.started({ inbox: new DatabaseInbox(), handlers: [slow], limits });
    await world.send(order('1'));
    await letTimePass(1_000);
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
  });

  it('is left to itself when it does not end, and may not commit any more', async () => {
    const inbox = new DatabaseInbox();
    const late = gate();
    const refusals: unknown[] = [];
    const deaf = stock(async ({ orderId }, ctx) => {
      if (ctx.attempt === 2) return reserved(orderId);
      await late.passed;
      return ctx
        .transaction(inbox, (tx) => {
          tx.write('late');
          return reserved(orderId);
        })
        .catch((error: unknown) => {
          refusals.push(error);
          throw error;
        });
    });
    const service = await world.started({ inbox, handlers: [deaf], limits });
    await world.send(order('1'));
    await letTimePass(1_000);
    await letTimePass(50);
    await world.until('health says so', () =>
      service.health().problems.some(({ code }) => code === 'handlers-hanging'),
    );
    await letTimePass(10);
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    late.open();
    await world.until('a refusal', () => refusals.length === 1);
    expect(String(refusals[0])).toMatch(/its transaction is refused/);
    expect(inbox.database.effects).toEqual([]);
    await world.until('health is well', () => service.health().problems.length === 0);
  });

  it('rolls back the transaction that it was in', async () => {
    const inbox = new DatabaseInbox();
    const late = gate();
    const slow = stock(({ orderId }, ctx) =>
      ctx.transaction(inbox, async (tx) => {
        tx.write(`attempt ${ctx.attempt}`);
        if (ctx.attempt === 1) await late.passed;
        return reserved(orderId);
      }),
    );
    await world.started({ inbox, handlers: [slow], limits });
    await world.send(order('1'));
    await letTimePass(1_000);
    late.open();
    await letTimePass(10);
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    expect(inbox.database.effects).toEqual(['attempt 2']);
  });

  it.each([
    ['before it was left', false],
    ['while the next attempt was waited for', true],
  ])('counts in the end when its commit came %s', async (_, isLate) => {
    const inbox = new DatabaseInbox();
    const commit = gate();
    const known = gate();
    let calls = 0;
    const slow = stock(({ orderId }, ctx) => {
      calls += 1;
      return ctx.transaction(inbox, (tx) => {
        tx.write(`attempt ${ctx.attempt}`);
        return reserved(orderId);
      });
    });
    const record = inbox.record.bind(inbox);
    inbox.record = async (id, work) => {
      if (id.startsWith('instance/')) return record(id, work);
      inbox.record = record;
      const committed = record(id, async (tx) => {
        const row = await work(tx);
        await commit.passed;
        return row;
      });
      await Promise.all([committed, known.passed]); // nobody knows of the commit yet
      return committed;
    };
    await world.started({ inbox, handlers: [slow], limits });
    await world.send(order('1'));
    await letTimePass(1_000);
    if (!isLate) commit.open();
    await world.settle();
    await letTimePass(50);
    if (isLate) {
      await world.until('a wait', () => world.clock.hasTimer(10));
      commit.open();
      await letTimePass(10);
    }
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    expect(calls).toBe(1);
    expect(inbox.database.effects).toEqual(['attempt 1']);
    known.open();
  });

  it('leaves the step in doubt when it was the last', async () => {
    const deaf = stock(() => new Promise(() => undefined));
    const once = { ...limits, attemptsMax: 1 };
    await world.started({ inbox: new DatabaseInbox(), handlers: [deaf], limits: once });
    await world.send(order('1'));
    await letTimePass(1_000);
    await letTimePass(50);
    await world.until('a failure', () => world.of(StepFailed).length === 1);
    const value = world.of(StepFailed)[0]?.record.value ?? new Uint8Array();
    expect(await world.serde.decode(value, StepFailed)).toMatchObject({
      code: 'attempt-timed-out',
      inDoubt: true,
    });
  });
});

describe('a record that could be handled only when its partition is over', () => {
  it('calls no handler: whoever has the partition now does', async () => {
    const registry = gate();
    let asked = 0;
    let calls = 0;
    const serde = portWith(world.serde, {
      decode: async (bytes, reader) => {
        asked += 1;
        await registry.passed;
        return world.serde.decode(bytes, reader);
      },
    });
    const handler = stock(async ({ orderId }) => {
      calls += 1;
      return reserved(orderId);
    });
    const service = await world.started({
      inbox: new DatabaseInbox(),
      serde,
      handlers: [handler],
      limits: { ...limits, drainTimeoutMs: 3_000 },
    });
    await world.send(order('1'));
    await world.until('its schema is asked for', () => asked === 1);
    const stopped = service.stop();
    await letTimePass(3_000);
    await stopped;
    registry.open();
    await world.settle();
    expect(calls).toBe(0);
    expect(world.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('handlers that hang', () => {
  it('do not hold up others until there are too many of them', async () => {
    const held: (() => void)[] = [];
    const deaf = stock(({ orderId }) =>
      orderId.startsWith('deaf')
        ? new Promise((resolve) => held.push(() => resolve(reserved(orderId))))
        : Promise.resolve(reserved(orderId)),
    );
    const few = { ...limits, concurrencyMax: 1, abandonedAttemptsMax: 2, attemptsMax: 1 };
    await world.started({ inbox: new DatabaseInbox(), handlers: [deaf], limits: few });
    await world.send(order('deaf-1'));
    await letTimePass(1_000);
    await letTimePass(50);
    await world.send(order('1'));
    await world.until('one still works', () => world.of(StockReserved).length === 1);
    await world.send(order('deaf-2'));
    await letTimePass(1_000);
    await letTimePass(50);
    await world.send(order('2'));
    await world.settle();
    expect(world.of(StockReserved).length).toBe(1);
    held[0]?.();
    await world.until('it goes on', () => world.of(StockReserved).length === 2);
  });
});
