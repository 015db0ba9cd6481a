import { greylistingDomain, type OrderLine, type OrderRequest } from '@shop/order';
import { testCards } from '@shop/payment';
import { type Article, articles, scarce, soldOut, unknown } from './articles.ts';
import { customerNames, remoteAddresses, servedAddresses } from './customers.ts';
import { type Dice, diceOf } from './dice.ts';

/** What is wrong with an order, of 100. The rest is fine. */
const faults: readonly (readonly [Fault, percent: number])[] = [
  ['unknown-sku', 4],
  ['sold-out', 3],
  ['more-than-there-is', 3],
  ['no-funds', 6],
  ['card-expired', 3],
  ['not-served', 6],
  ['stock-and-card', 2],
];

type Fault =
  | 'unknown-sku'
  | 'sold-out'
  | 'more-than-there-is'
  | 'no-funds'
  | 'card-expired'
  | 'not-served'
  | 'stock-and-card';

/** Technical troubles, of 100: they cost time and change no end. */
const slowCardPercent = 4;
const flakyCardPercent = 5;
const greylistedMailPercent = 6;

/**
 * The order at `index` (from 0) of an endless series: a pure function, so that nobody has to keep a thousand orders in
 * memory to know what they were.
 *
 * @example orderAt(1, 0, 'order').orderId // 'order-1'
 */
export function orderAt(seed: number, index: number, prefix: string): GeneratedOrder {
  const dice = diceOf(seed, index);
  const fault = faultOf(dice);
  const name = dice.pick(customerNames);
  const [first = name, last = name] = name.toLowerCase().split(' ');
  const domain = dice.chance(greylistedMailPercent) ? greylistingDomain : 'theatre.example';
  return {
    orderId: `${prefix}-${index + 1}`,
    customer: { name, email: `${ascii(first)}.${ascii(last)}@${domain}` },
    lines: linesOf(dice, fault),
    cardToken: cardOf(dice, fault),
    shipTo: dice.pick(fault === 'not-served' ? remoteAddresses : servedAddresses),
  };
}

export type GeneratedOrder = OrderRequest & { readonly orderId: string };

function faultOf(dice: Dice): Fault | undefined {
  let left = dice.below(100);
  for (const [fault, percent] of faults) {
    if (left < percent) return fault;
    left -= percent;
  }
  return undefined;
}

function linesOf(dice: Dice, fault: Fault | undefined): OrderLine[] {
  const lines = Array.from({ length: 1 + dice.below(3) }, () =>
    line(dice.pick(articles), 1 + dice.below(3)),
  );
  const fatal = fatalLineOf(dice, fault);
  if (fatal !== undefined) lines[dice.below(lines.length)] = fatal;
  return lines;
}

function fatalLineOf(dice: Dice, fault: Fault | undefined): OrderLine | undefined {
  switch (fault) {
    case 'unknown-sku':
      return line(unknown, 1);
    case 'sold-out':
    case 'stock-and-card':
      return line(soldOut, 1);
    case 'more-than-there-is':
      return line(scarce, 4 + dice.below(3));
    default:
      return undefined;
  }
}

function line({ sku, unitCents }: Article, quantity: number): OrderLine {
  return { sku, quantity, unitCents };
}

function cardOf(dice: Dice, fault: Fault | undefined): string {
  if (fault === 'no-funds' || fault === 'stock-and-card') return testCards.noFunds;
  if (fault === 'card-expired') return testCards.expired;
  if (dice.chance(slowCardPercent)) return testCards.slow;
  return dice.chance(flakyCardPercent) ? testCards.flaky : testCards.approved;
}

function ascii(text: string): string {
  return text.normalize('NFD').replaceAll(/[^a-z]/g, '');
}
