import { TroupeError } from '@troupe/core';
import { StepFailed } from '@troupe/core/internal';
import { portWith } from '@troupe/testing/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseInbox } from './database-inbox.ts';
import { order, reserved, stock, stockIn } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { OrderPlaced, StockReserved } from './shop.ts';

let world: ParticipantWorld;
let inbox: DatabaseInbox;
beforeEach(async () => {
  world = await ParticipantWorld.open();
  inbox = new DatabaseInbox();
});
afterEach(() => world.close());

const problems = (service: { health(): { problems: readonly { code: string }[] } }) =>
  service.health().problems.map(({ code }) => code);

describe('while the broker is away', () => {
  it('an outcome is not lost, the handler is not called again, and health says so', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let calls = 0;
    const handler = stock(async ({ orderId }) => {
      calls += 1;
      await promise;
      return reserved(orderId);
    });
    const service = await world.started({ inbox, handlers: [handler] });
    await world.send(order('1'));
    await world.until('it is begun', () => calls === 1);
    world.log.takeDown();
    resolve();
    for (const delayMs of [100, 200, 400, 800, 1_600, 3_200, 5_000]) {
      await world.until(`a wait of ${delayMs}`, () => world.clock.hasTimer(delayMs));
      expect(service.health()).toMatchObject({ live: true, ready: false });
      expect(problems(service)).toEqual(['outage']);
      world.clock.advance(delayMs);
    }
    await world.until('a last wait', () => world.clock.hasTimer(5_000));
    world.log.bringUp();
    world.clock.advance(5_000);
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    expect(calls).toBe(1);
    await world.until('health is well', () => service.health().ready);
    expect(problems(service)).toEqual([]);
  });

  it('a stop does not hang, and the outcome is sent by whoever comes next', async () => {
    const limits = { drainTimeoutMs: 3_000 };
    const service = await world.started({ inbox, handlers: [stockIn(inbox)], limits });
    const { promise, resolve } = Promise.withResolvers<void>();
    const record = inbox.record.bind(inbox);
    inbox.record = async (id, work) => {
      const row = await record(id, work);
      await promise;
      return row;
    };
    await world.send(order('1'));
    await world.until('the effect', () => inbox.database.effects.length === 1);
    world.log.takeDown();
    resolve();
    await world.until('it waits', () => world.clock.hasTimer(100));
    const stopped = service.stop();
    await world.until('it drains', () => world.clock.hasTimer(3_000));
    world.clock.advance(3_000);
    await stopped;
    world.log.bringUp();
    const again = new DatabaseInbox(inbox.database);
    await world.started({ inbox: again, handlers: [stockIn(again)] });
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    expect(inbox.database.effects).toEqual(['reserve 1']);
  });
});

it('an outcome that has no room for the context of its trace is sent without it', async () => {
  const headers = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    baggage: `tenant=${'x'.repeat(2_000)}`,
  };
  const handler = stock(async ({ orderId }) => {
    return new StockReserved({ orderId, shelf: 'x'.repeat(1_047_500) });
  });
  await world.started({ inbox, handlers: [handler], limits: { messageBytesMax: 1_048_588 } });
  await world.send(order('1'), { headers });
  await world.until('an outcome', () => world.of(StockReserved).length === 1);
  expect(world.of(StockReserved)[0]?.headers['baggage']).toBeUndefined();
});

describe('while the database is away', () => {
  const unavailable = new TroupeError('store-unavailable', 'no database', { retryable: true });

  it('no attempt is used up, and the work goes on when it is back', async () => {
    let calls = 0;
    const handler = stock(async ({ orderId }, ctx) => {
      calls += 1;
      return ctx.transaction(inbox, (tx) => {
        tx.write(`attempt ${ctx.attempt}`);
        return reserved(orderId);
      });
    });
    const service = await world.started({ inbox, handlers: [handler], limits: { attemptsMax: 1 } });
    inbox.database.fault = unavailable;
    await world.send(order('1'));
    for (const delayMs of [100, 200, 400]) {
      await world.until(`a wait of ${delayMs}`, () => world.clock.hasTimer(delayMs));
      expect(problems(service)).toEqual(['outage']);
      world.clock.advance(delayMs);
    }
    await world.until('a last wait', () => world.clock.hasTimer(800));
    expect(calls).toBe(0);
    inbox.database.fault = undefined;
    world.clock.advance(800);
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    expect(inbox.database.effects).toEqual(['attempt 1']);
    expect(problems(service)).toEqual([]);
  });

  it('a commit that fails is no attempt of the handler either', async () => {
    const handler = stock(async ({ orderId }, ctx) =>
      ctx.transaction(inbox, (tx) => {
        tx.write(`attempt ${ctx.attempt}`);
        if (inbox.database.fault === undefined) inbox.database.fault = unavailable;
        return reserved(orderId);
      }),
    );
    await world.started({ inbox, handlers: [handler], limits: { attemptsMax: 1 } });
    await world.send(order('1'));
    await world.until('a wait', () => world.clock.hasTimer(100));
    expect(inbox.database.effects).toEqual([]);
    const fail = inbox.database;
    Object.defineProperty(fail, 'fault', { get: () => undefined, set: () => undefined });
    world.clock.advance(100);
    await world.until('a row that keeps the doubt', () => inbox.database.rows.size === 1);
    await world.until('a wait of the step', () => world.clock.hasTimer(100));
    world.clock.advance(100);
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    expect(inbox.database.effects).toEqual(['attempt 1']);
  });
});

describe('while the registry is away', () => {
  it('an event that needs it waits, and is not taken for poison', async () => {
    let away = true;
    const serde = portWith(world.serde, {
      decode: async (bytes, reader) => {
        if (away) throw new TroupeError('schema-unavailable', 'no registry', { retryable: true });
        return world.serde.decode(bytes, reader);
      },
    });
    const service = await world.started({ inbox, serde, handlers: [stock()] });
    await world.send(order('1'));
    await world.until('a wait', () => world.clock.hasTimer(100));
    expect(problems(service)).toEqual(['outage']);
    away = false;
    world.clock.advance(100);
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    expect(world.of('stock.dead-letter')).toEqual([]);
  });
});

it('a registry that refuses this instance leaves a step in doubt: one before it may have run it', async () => {
  const { decode } = world.serde;
  const refused = new TroupeError('not-authorized', 'the registry refuses the user');
  const serde = {
    prepare: world.serde.prepare.bind(world.serde),
    encode: world.serde.encode.bind(world.serde),
    decode: ((bytes, reader) =>
      reader.eventName === OrderPlaced.eventName
        ? Promise.reject(refused)
        : decode.call(world.serde, bytes, reader)) as typeof decode,
  };
  await world.started({ inbox, serde, handlers: [stock()] });
  await world.send(order('1'));
  await world.until('a failure', () => world.of(StepFailed).length === 1);
  const value = world.of(StepFailed)[0]?.record.value ?? new Uint8Array();
  expect(await world.serde.decode(value, StepFailed)).toMatchObject({
    code: 'not-authorized',
    inDoubt: true,
    attempts: 0,
  });
});

describe('a consumer that ended for good', () => {
  it('makes the service report that it does not live', async () => {
    const transport = world.transport();
    const { subscribe } = transport;
    let crash: (error: Error) => void = () => undefined;
    transport.subscribe = (subscription) => {
      crash = subscription.onCrash;
      return subscribe.call(transport, subscription);
    };
    const service = await world.started({ inbox, transport, handlers: [stock()] });
    crash(new TroupeError('offset-out-of-range', 'records were deleted'));
    expect(service.health()).toMatchObject({ live: false, ready: false });
    expect(service.health().problems[0]?.message).toMatch(
      /the consumer ended: records were deleted/,
    );
  });

  /** It crashed while the handler of one of three records ran, which ends when it may. */
  async function crashed() {
    const transport = world.transport();
    const { subscribe } = transport;
    let isBroken = false;
    transport.subscribe = (subscription) =>
      subscribe.call(transport, {
        ...subscription,
        onAssigned: (claim) => {
          const reader = subscription.onAssigned(claim);
          return portWith(reader, {
            onRecords: (records) => {
              if (isBroken) throw new Error('a fault of the program');
              reader.onRecords(records);
            },
          });
        },
      });
    const begun: string[] = [];
    const { promise, resolve: mayEnd } = Promise.withResolvers<void>();
    const handler = stock(async ({ orderId }) => {
      begun.push(orderId);
      await promise;
      return reserved(orderId);
    });
    const limits = { concurrencyMax: 1 };
    const service = await world.started({ inbox, transport, handlers: [handler], limits });
    for (const orderId of ['1', '2', '3']) await world.send(order(orderId));
    await world.until('it is begun', () => begun.length === 1);
    await world.settle();
    isBroken = true;
    await world.send(order('4'));
    await world.until('a crash', () => !service.health().live);
    return { service, begun, mayEnd };
  }

  it('begins nothing more of what it had been given', async () => {
    const { begun, mayEnd } = await crashed();
    mayEnd();
    await world.until('an outcome', () => world.of(StockReserved).length > 0);
    await world.settle();
    expect(begun).toHaveLength(1);
  });

  it('is waited for by a stop until what it had begun has ended', async () => {
    const { service, mayEnd } = await crashed();
    let isStopped = false;
    const stopped = service.stop().then(() => {
      isStopped = true;
    });
    await world.settle();
    expect(isStopped).toBe(false);
    mayEnd();
    await stopped;
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
  });
});
