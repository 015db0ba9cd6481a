import {
  CustomerNotified,
  OrderPlaced,
  OrderShipped,
  PaymentCharged,
  PaymentDeclined,
  PaymentRefunded,
  placeOrder,
  ShipmentRefused,
  StockRejected,
  StockReleased,
  StockReserved,
} from '@shop/contracts';
import { type Event, eventClassesOf, type Serde, toGraph } from '@troupe/core';
import type { SagaEvent } from '@troupe/core/internal';
import { euros } from '../output/euros.ts';
import type { LoggedEvent, WatchedOrder } from './watched-order.ts';

/** One thing that happened to an order. */
export interface StoryLine {
  /** Since the order was placed. */
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
  readonly detail: string;
  readonly mood: 'plain' | 'bad' | 'undone' | 'end';
}

/** What became of one order, event by event: the coordinator's log, with what the services' events say. */
export async function tellStory(order: WatchedOrder, serde: Serde): Promise<StoryLine[]> {
  const told: StoryLine[] = [];
  // As things happened; what happened in one millisecond stays as it was logged.
  const events = order.lifeCycle.toSorted((a, b) => a.atMs - b.atMs);
  const startMs = events[0]?.atMs ?? 0;
  for (const event of events) {
    const line = await lineOf(event, order, serde);
    if (line === undefined) continue;
    const before = told.at(-1);
    // Asking several services at once is one thing that happens.
    if (before?.who === line.who && before.what === line.what) {
      told[told.length - 1] = { ...before, detail: `${before.detail}, ${line.detail}` };
    } else {
      told.push({ atMs: event.atMs - startMs, ...line });
    }
  }
  return told;
}

type Line = Omit<StoryLine, 'atMs'>;

async function lineOf(
  event: SagaEvent,
  order: WatchedOrder,
  serde: Serde,
): Promise<Line | undefined> {
  switch (event.type) {
    case 'saga-started':
    case 'step-succeeded':
      return shopLine(order.events.get(event.eventId), 'plain', serde);
    case 'step-rejected':
      return shopLine(order.events.get(event.eventId), 'bad', serde);
    case 'step-compensated':
      return shopLine(undoingOf(event.step, order), 'undone', serde);
    case 'step-failed':
    case 'compensation-failed':
      return coordinatorLine('StepFailed', `${event.step}: ${event.message}`, 'bad');
    case 'step-timed-out':
      return coordinatorLine('timed out', event.step, 'bad');
    case 'step-skipped':
      return coordinatorLine('StepSkipped', event.step, 'plain');
    case 'step-requested':
      return coordinatorLine('StepRequested', event.step, 'plain');
    case 'cancel-requested':
      return coordinatorLine(
        'CompensationRequested',
        `${event.step}, if it did not run yet`,
        'plain',
      );
    case 'compensation-requested':
      return coordinatorLine('CompensationRequested', event.step, 'plain');
    case 'saga-stuck':
      return coordinatorLine('stuck', [event.reason, event.step].filter(Boolean).join(': '), 'bad');
    case 'saga-completed':
      return coordinatorLine('completed', '', 'end');
    case 'saga-compensated':
      return coordinatorLine('compensated', '', 'end');
    default:
      return undefined;
  }
}

function coordinatorLine(what: string, detail: string, mood: Line['mood']): Line {
  return { who: 'coordinator', what, detail, mood };
}

const compensationOf = new Map(
  toGraph(placeOrder).steps.map(({ name, compensates }) => [name, compensates?.type]),
);

function undoingOf(step: string, { events }: WatchedOrder): LoggedEvent | undefined {
  const type = compensationOf.get(step);
  return [...events.values()].find(({ headers }) => headers.type === type);
}

const classOf = new Map(eventClassesOf(placeOrder).map((event) => [event.eventName, event]));

async function shopLine(
  logged: LoggedEvent | undefined,
  mood: Line['mood'],
  serde: Serde,
): Promise<Line | undefined> {
  const eventClass = logged && classOf.get(logged.headers.type);
  if (logged === undefined || eventClass === undefined) return undefined;
  const { source, type, attempt } = logged.headers;
  const event = await serde.decode(logged.framed, eventClass);
  const attempts = attempt > 1 ? ` (attempt ${attempt})` : '';
  const what = type.slice(type.lastIndexOf('.') + 1);
  return { who: source, what, detail: `${detailOf(event)}${attempts}`, mood };
}

/** What is worth telling of an event. */
function detailOf(event: Event): string {
  if (event instanceof OrderPlaced) return `${euros(event.totalCents)} by ${event.cardToken}`;
  if (event instanceof StockReserved) return `${items(event.items)} put aside`;
  if (event instanceof StockReleased) return `${items(event.items)} put back`;
  if (event instanceof PaymentCharged) return euros(event.cents);
  if (event instanceof PaymentRefunded) return `${euros(event.cents)} given back`;
  if (event instanceof OrderShipped) return `by ${event.carrier}`;
  if (event instanceof CustomerNotified) return event.email;
  const isRefusal =
    event instanceof StockRejected ||
    event instanceof PaymentDeclined ||
    event instanceof ShipmentRefused;
  return isRefusal ? event.detail : '';
}

function items(count: number): string {
  return count === 1 ? '1 item' : `${count} items`;
}
