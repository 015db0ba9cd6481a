import { describe, expect, it } from 'vitest';
import { defineEvent } from '../../events/define-event.ts';
import { t } from '../../events/field-types.ts';
import { defineSaga, toGraph } from '../definition/define-saga.ts';
import { defineStep } from '../definition/define-step.ts';
import { awaitedTopics } from './awaited-topics.ts';

const orderId = t.string().key();
class Placed extends defineEvent('orders.Placed', { orderId }) {}
class Reserved extends defineEvent('stock.Reserved', { orderId }) {}
class Charged extends defineEvent('payment.Charged', { orderId }) {}
class Declined extends defineEvent('declined.Declined', { orderId }) {}
class Shipped extends defineEvent('shipping.Shipped', { orderId }) {}
class Notified extends defineEvent('mail.Notified', { orderId }) {}

const reserve = defineStep('reserve', { after: Placed, emits: Reserved });
const charge = defineStep('charge', { after: Placed, emits: Charged, rejects: Declined });

describe('the topics that joins wait for', () => {
  it('are none where each step follows from one event', () => {
    const ship = defineStep('ship', { after: reserve, emits: Shipped });
    const chain = defineSaga('chain', { version: 1, startsOn: Placed, steps: [reserve, ship] });
    expect(awaitedTopics(toGraph(chain))).toEqual(new Set());
  });

  it('are those of the events that a join depends on, and no others', () => {
    const ship = defineStep('ship', { after: { reserve, charge }, emits: Shipped });
    const notify = defineStep('notify', { after: ship, emits: Notified });
    const steps = [reserve, charge, ship, notify];
    const joined = defineSaga('joined', { version: 1, startsOn: Placed, steps });
    expect(awaitedTopics(toGraph(joined))).toEqual(new Set(['stock', 'payment']));
  });

  it('are that of the start, and of a handled rejection, where a join needs these', () => {
    const after = { order: Placed, refusal: charge.rejected };
    const notify = defineStep('notify', { after, emits: Notified });
    const saga = defineSaga('branch', { version: 1, startsOn: Placed, steps: [charge, notify] });
    expect(awaitedTopics(toGraph(saga))).toEqual(new Set(['orders', 'declined']));
  });
});
