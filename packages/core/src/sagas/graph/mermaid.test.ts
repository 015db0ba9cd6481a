import { expect, test } from 'vitest';
import { defineEvent } from '../../events/define-event.ts';
import { t } from '../../events/field-types.ts';
import { defineSaga } from '../definition/define-saga.ts';
import { defineStep } from '../definition/define-step.ts';
import { toMermaid } from './mermaid.ts';

test('a saga is drawn with its events, its refusals, its optional edges and its pivot', () => {
  const orderId = t.string().key();
  const Placed = defineEvent('shop.Placed', { orderId });
  const charge = defineStep('charge', {
    after: Placed,
    emits: defineEvent('shop.Charged', { orderId }),
    rejects: defineEvent('shop.Declined', { orderId }),
    compensates: defineEvent('shop.Refunded', { orderId }),
    when: () => true,
  });
  const invoice = defineStep('end', {
    after: charge.rejected,
    emits: defineEvent('shop.Invoiced', { orderId }),
  });
  const ship = defineStep('ship', {
    after: { order: Placed, payment: charge.optional, invoice: invoice.optional },
    emits: defineEvent('shop.Shipped', { orderId }),
    pivot: true,
  });
  const saga = defineSaga('s', { version: 1, startsOn: Placed, steps: [ship, invoice, charge] });
  expect(toMermaid(saga)).toBe(`flowchart TD
  start(["Placed"])
  s1["charge<br/>→ Charged<br/>✗ Declined<br/>↩ Refunded<br/>(if its condition holds)"]
  s2["end<br/>→ Invoiced"]
  s3{{"ship<br/>→ Shipped"}}
  start --> s1
  s1 -->|rejected| s2
  s2 -.-> s3
  start --> s3
  s1 -.-> s3
`);
});
