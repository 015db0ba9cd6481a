import { setTimeout as delay } from 'node:timers/promises';
import { audit, OrderObserver, type OrderSeries, orderSeries, ShopBooks } from '@shop/demo';
import { systemClock } from '@troupe/core';
import { createAvroSerde, createRegistryClient } from '@troupe/schema-registry';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';
import type { AuditedLog } from '../../auditor/audit-log.ts';
import { OrderFlow } from '../orders/order-flow.ts';
import { postOrder } from '../orders/post-order.ts';
import { openShop, type ShopOnThreeBrokers } from '../shop/shop-on-three-brokers.ts';
import { Tours } from '../tour/tours.ts';
import { auditInOwnProcess } from './audit-in-own-process.ts';

export interface RunOptions {
  readonly seed: number;
  readonly rate: number;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** What every run comes to, whatever was done in it. */
export interface Verdict {
  readonly orders: OrderCounts;
  /** Of the other saga: one of two has to be undone, step by step. */
  readonly tours: { readonly planned: number; readonly acknowledged: number };
  readonly log: AuditedLog;
  /** Everything that must not be: of the run, of the log, of the books. */
  readonly findings: readonly string[];
}

export interface OrderCounts {
  readonly placed: number;
  readonly acknowledged: number;
  readonly completed: number;
  readonly compensated: number;
  /** Of the compensated ones: by a time limit. */
  readonly timedOut: number;
  readonly stuck: number;
  readonly open: number;
}

/** The warehouse holds enough for as many. */
const ordersMax = 100_000;
/** Longer than any step may take. What was silent for as long is lost. */
const silenceMsMax = 400_000;
const bookedWithinMs = 60_000;
const pollMs = 20;

/**
 * A shop on three brokers, orders that flow, and somebody who sees them end. Owns all of it.
 *
 * `judge` ends the flow and the services, and holds log and books against what was promised.
 */
export class EnduranceRun {
  readonly shop: ShopOnThreeBrokers;
  readonly series: OrderSeries;
  readonly flow: OrderFlow;
  readonly observer: OrderObserver;
  readonly #tours: Tours;
  readonly #options: RunOptions;
  readonly #faults: string[];
  readonly #closes: (() => Promise<void>)[] = [];

  private constructor(options: RunOptions, shop: ShopOnThreeBrokers, faults: string[]) {
    const { seed, rate, signal } = options;
    this.#options = options;
    this.#faults = faults;
    this.shop = shop;
    this.#closes.push(() => shop.close());
    this.series = orderSeries({ seed, count: ordersMax, prefix: `order-${seed}` });
    const onFault = (fault: string) => this.fault(fault);
    const { bootstrapServers } = shop.kafka;
    const transport = createKafkajsTransport({
      brokers: bootstrapServers.split(','),
      clientId: 'observer',
    });
    this.#closes.push(() => transport.close());
    const serde = createAvroSerde({ registry: createRegistryClient({ url: shop.registryUrl }) });
    const tours = { transport, serde, signal, onFault };
    this.#tours = new Tours({ ...tours, ratePerSecond: rate / 4, prefix: `tour-${seed}` });
    this.#closes.push(() => this.#tours.close());
    this.observer = new OrderObserver({
      transport,
      serde,
      series: this.series,
      groupId: 'observer',
      watched: [],
      clock: systemClock,
      onFirstEnd: () => undefined,
      onCrash: (error) => onFault(`the observer crashed: ${error.message}`),
    });
    const post = (order: Parameters<typeof postOrder>[0]) =>
      postOrder(order, shop.ordersUrl, signal);
    const { series, observer } = this;
    this.flow = new OrderFlow({ series, observer, ratePerSecond: rate, post, onFault });
  }

  static async open(options: RunOptions): Promise<EnduranceRun> {
    const faults: string[] = [];
    const onFault = (fault: string) => {
      faults.push(fault);
      options.say(fault);
    };
    const shop = await openShop({ ...options, onFault });
    const run = new EnduranceRun(options, shop, faults);
    try {
      await run.observer.start();
      await run.#tours.start();
      run.flow.start();
      return run;
    } catch (error) {
      await run.close();
      throw error;
    }
  }

  /** Something that must not be. */
  fault(fault: string): void {
    this.#faults.push(fault);
    this.#options.say(fault);
  }

  async judge(): Promise<Verdict> {
    const { say } = this.#options;
    say('No more orders; those under way come to their ends');
    await Promise.all([this.flow.stop(), this.#tours.stop()]);
    await this.#allEnded();
    await this.#allBooked();
    await this.observer.stop();
    await this.#tours.close();
    await this.shop.stop();
    say('Auditing the log and the books');
    const { kafka, registryUrl, databases, tourDatabase } = this.shop;
    const { placed } = this.flow;
    const tours = this.#tours.acknowledged;
    const acknowledged = [...this.flow.acknowledged, ...tours];
    const brokers = kafka.bootstrapServers.split(',');
    const { seed, signal } = this.#options;
    const log = await auditInOwnProcess({ brokers, registryUrl, acknowledged }, signal);
    const series = orderSeries({ seed, count: placed, prefix: `order-${seed}` });
    const { ends } = this.observer;
    const books = audit({ databases, series, ends, alone: true, mayTimeOut: true });
    const { count, shown } = books.faults;
    return {
      orders: this.#counts(),
      tours: { planned: this.#tours.planned, acknowledged: tours.length },
      log,
      findings: [
        ...this.#faults,
        ...log.findings.map(({ check, text }) => `${check}: ${text}`),
        ...[...Tours.faultsIn(tourDatabase, tours)].map((fault) => `books: ${fault}`),
        ...shown.map((fault) => `books: ${fault}`),
        ...(count > shown.length ? [`books: and ${count - shown.length} more`] : []),
      ],
    };
  }

  async close(): Promise<void> {
    for (const close of this.#closes.splice(0).reverse()) await close();
  }

  async #allEnded(): Promise<void> {
    const { signal } = this.#options;
    while (this.flow.open > 0 || this.#tours.open > 0) {
      if (performance.now() - this.observer.heardAtMs > silenceMsMax) return;
      await delay(pollMs, undefined, { signal });
    }
  }

  /** Nobody waits for the warehouse to book what was shipped. */
  async #allBooked(): Promise<void> {
    const giveUpAtMs = performance.now() + bookedWithinMs;
    const books = new ShopBooks(this.shop.databases);
    try {
      while (books.heldReservations() > this.flow.open && performance.now() < giveUpAtMs) {
        await delay(pollMs, undefined, { signal: this.#options.signal });
      }
    } finally {
      books.close();
    }
  }

  #counts(): OrderCounts {
    const { ends } = this.observer;
    const { placed, acknowledged } = this.flow;
    let timedOut = 0;
    for (let index = 0; index < placed; index += 1) {
      if (ends.end(index) !== 'compensated') continue;
      if (ends.reasons(index).some((reason) => /^(saga-)?timed-out/.test(reason))) timedOut += 1;
    }
    return {
      placed,
      acknowledged: acknowledged.length,
      completed: ends.count('completed'),
      compensated: ends.count('compensated'),
      timedOut,
      stuck: ends.count('stuck'),
      open: ends.count('open'),
    };
  }
}
