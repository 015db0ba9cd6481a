import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Service, TroupeError } from '@troupe/core';
import { headerNames } from '@troupe/core/internal';
import type { MemoryTransport } from '@troupe/core/memory';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Database, DatabaseInbox } from './database-inbox.ts';
import { order, reserved, stock } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { StockReserved } from './shop.ts';

type Fault =
  | 'send an order'
  | 'send an order twice'
  | 'kill an instance'
  | 'stop an instance'
  | 'start an instance'
  | 'lose sessions'
  | 'broker down'
  | 'broker up'
  | 'database down'
  | 'database up'
  | 'time passes';

interface Instance {
  readonly service: Service;
  readonly transport: MemoryTransport;
  alive: boolean;
}

const instancesMax = 3;

/** A service in up to three instances on one database, while everything around it fails. */
class FaultyWorld {
  readonly database = new Database();
  readonly sent = new Set<string>();
  readonly instances: Instance[] = [];
  readonly #world: ParticipantWorld;
  #calls = 0;

  constructor(world: ParticipantWorld) {
    this.#world = world;
  }

  async apply(fault: Fault, pick: number): Promise<void> {
    const living = this.instances.filter(({ alive }) => alive);
    const one = living[pick % Math.max(living.length, 1)];
    if (fault.startsWith('send')) await this.#send(fault === 'send an order twice');
    else if (fault === 'kill an instance') this.#kill(one);
    else if (fault === 'stop an instance' && one !== undefined) {
      one.alive = false;
      void one.service.stop().catch(() => undefined);
    } else if (fault === 'start an instance' && living.length < instancesMax) this.start();
    else if (fault === 'lose sessions') void one?.transport.loseSessions();
    else if (fault === 'broker down') this.#world.log.takeDown();
    else if (fault === 'broker up') this.#world.log.bringUp();
    else if (fault === 'database down') this.database.fault = databaseDown;
    else if (fault === 'database up') this.database.fault = undefined;
    else this.#world.clock.advance(700);
  }

  start(): void {
    const transport = this.#world.transport();
    const inbox = new DatabaseInbox(this.database);
    const instance: Instance = { service: this.#service(transport, inbox), transport, alive: true };
    this.instances.push(instance);
    // It may not come up now: the broker may be down.
    instance.service.start().catch(() => {
      instance.alive = false;
    });
  }

  #service(transport: MemoryTransport, inbox: DatabaseInbox): Service {
    const handler = stock(async ({ orderId }, ctx) => {
      this.#calls += 1;
      if (this.#calls % 3 === 0) throw new Error('busy');
      await nextTurn();
      return ctx.transaction(inbox, async (tx) => {
        tx.write(orderId);
        await nextTurn();
        if (this.#calls % 5 === 0) throw new Error('rolled back');
        return reserved(orderId);
      });
    });
    // Attempts are never used up: each order must come to its end.
    const limits = { attemptsMax: 1_000_000, concurrencyMax: 4, bufferedRecordsMax: 4 };
    return this.#world.service({ transport, inbox, handlers: [handler], limits });
  }

  #kill(one: Instance | undefined): void {
    if (one === undefined) return;
    one.alive = false;
    one.transport.crash();
    void one.service.stop().catch(() => undefined);
  }

  async #send(twice: boolean): Promise<void> {
    if (!this.#world.log.available) return;
    const key = `o${this.sent.size}`;
    this.sent.add(key);
    const id = await this.#world.send(order(key));
    if (twice) await this.#world.send(order(key), { id });
  }
}

const databaseDown = new TroupeError('store-unavailable', 'no database', { retryable: true });

it('does each effect once and answers each order, whatever fails in whatever order', async () => {
  const faults = fc.array(
    fc.tuple(
      fc.constantFrom<Fault>(
        'send an order',
        'send an order',
        'send an order',
        'send an order twice',
        'kill an instance',
        'stop an instance',
        'start an instance',
        'start an instance',
        'lose sessions',
        'broker down',
        'broker up',
        'broker up',
        'database down',
        'database up',
        'database up',
        'time passes',
        'time passes',
      ),
      fc.nat(),
      fc.nat(6),
    ),
    { minLength: 10, maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(faults, async (all) => {
      const world = await ParticipantWorld.open({ partitions: 3 });
      const faulty = new FaultyWorld(world);
      faulty.start();
      for (const [fault, pick, turns] of all) {
        await faulty.apply(fault, pick);
        for (let turn = 0; turn < turns; turn += 1) await nextTurn();
      }
      world.log.bringUp();
      faulty.database.fault = undefined;
      faulty.start();
      const answered = () => new Set(world.of(StockReserved).map(({ key }) => key));
      for (let turn = 0; turn < 5_000 && answered().size < faulty.sent.size; turn += 1) {
        world.clock.advance(500);
        await nextTurn();
      }
      expect([...answered()].toSorted()).toEqual([...faulty.sent].toSorted());
      expect(faulty.database.effects.toSorted()).toEqual([...faulty.sent].toSorted());
      const ids = new Set(world.of(StockReserved).map(({ headers }) => headers[headerNames.id]));
      expect(ids.size).toBe(faulty.sent.size);
      expect(world.of('stock.dead-letter')).toEqual([]);
      await world.close();
    }),
    { numRuns: 60 },
  );
}, 60_000);
