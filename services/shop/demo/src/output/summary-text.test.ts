import { describe, expect, test } from 'vitest';
import { FaultList } from '../books/fault-list.ts';
import type { StoryLine } from '../observer/story.ts';
import { type Summary, summaryJson } from '../summary.ts';
import { plainStyle } from './style.ts';
import { summaryText } from './summary-text.ts';

const totals = {
  stock: [
    { sku: 'mask', opening: 9, onHand: 5, reserved: 0, held: 0, consumed: 4, released: 2 },
    { sku: 'sword', opening: 9, onHand: 8, reserved: 0, held: 0, consumed: 1, released: 0 },
  ],
  accountsCents: new Map([['shop', 1_234_50]]),
  chargedCents: 1_300_00,
  refundedCents: 65_50,
};

function summaryWith(faults: readonly string[], difference: Partial<Summary> = {}): Summary {
  const list = new FaultList();
  for (const fault of faults) list.add(fault);
  return {
    orders: 4,
    completed: 2,
    compensated: 2,
    stuck: 0,
    lost: 0,
    durationMs: 500,
    chainMsP50: 4.25,
    chainMsP99: 120.4,
    reasons: [
      ['card-expired', 1],
      ['insufficient-funds and too-little-stock', 1],
    ],
    audit: { faults: list, totals },
    traces: [],
    ...difference,
  };
}

const context = { setting: 'in one process', seed: 7, style: plainStyle };

describe('summaryText', () => {
  test('says how orders ended, how long they took, and that the books balance', () => {
    expect(summaryText(summaryWith([]), context)).toBe(`
  4 orders, in one process  seed 7

       2  completed
       2  compensated
             1  card expired
             1  insufficient funds and too little stock
       0  stuck
       0  lost

  time    median 4.3 ms, p99 120 ms from placing to the end
  rate    8 orders/s, 0.50 s in all
  money   €1,300.00 charged - €65.50 refunded = €1,234.50 in the till
  stock   5 items shipped, 2 put back on the shelf

  ✓ Every order ended as its data says it must; money and stock balance.

`);
  });

  test('tells the story in columns, and names the traces', () => {
    const line = (atMs: number, who: string, what: string, detail: string): StoryLine => ({
      atMs,
      who,
      what,
      detail,
      mood: 'plain',
    });
    const order = {
      orderId: 'order-3',
      customer: { name: 'Ira Aldridge', email: 'ira@theatre.example' },
      lines: [],
      cardToken: 'card-expired',
      shipTo: { street: 'Main Road 3', postcode: '1', city: 'London', country: 'GB' },
    };
    const lines = [
      line(0, 'order', 'OrderPlaced', '€10.00'),
      line(12, 'coordinator', 'compensated', ''),
    ];
    const url = 'http://jaeger/trace/';
    const traces = [
      { orderId: 'order-3', end: 'compensated', url: `${url}1`, extent: { spans: 9, services: 1 } },
      {
        orderId: 'order-12',
        end: 'completed',
        url: `${url}2`,
        jsonUrl: 'http://jaeger/api/2',
        extent: undefined,
      },
    ];
    const text = summaryText(summaryWith([], { story: { order, lines }, traces }), context);
    expect(text).toContain(`
  The story of order-3  Ira Aldridge, London (GB)
       0 ms  order        OrderPlaced  €10.00
      12 ms  coordinator  compensated

  One order is one trace
  order-3   compensated  9 spans of 1 service
    http://jaeger/trace/1
  order-12  completed    Jaeger does not have it
    http://jaeger/trace/2
    http://jaeger/api/2 (as JSON: this Jaeger has no pages)
`);
  });

  test('names what is wrong, and does not flood the screen', () => {
    const faults = Array.from({ length: 23 }, (_, index) => `order-${index} is lost`);
    const text = summaryText(summaryWith(faults, { lost: 23 }), context);
    expect(text).toContain('✗ 23 faults:\n    order-0 is lost\n');
    expect(text).toContain('    order-19 is lost\n    and 3 more\n');
    expect(text).not.toContain('✓');
  });

  test('an order that is stuck is bad even when the books balance', () => {
    expect(summaryText(summaryWith([], { stuck: 1 }), context)).not.toContain('✓');
  });
});

describe('summaryJson', () => {
  test('is one object with the figures', () => {
    expect(JSON.parse(summaryJson(summaryWith([])))).toEqual({
      orders: 4,
      completed: 2,
      compensated: 2,
      stuck: 0,
      lost: 0,
      durationMs: 500,
      chainMsP50: 4.25,
      chainMsP99: 120.4,
    });
  });
});
