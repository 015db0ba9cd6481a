import { euros } from '../output/euros.ts';
import type { BookTotals, StockTotals } from './shop-books.ts';

/** What does not add up over all orders, as sentences. */
export function totalFaults(totals: BookTotals): readonly string[] {
  return [...totals.stock.flatMap(stockFaults), ...moneyFaults(totals)];
}

function stockFaults({ sku, opening, onHand, reserved, held, consumed }: StockTotals): string[] {
  const faults: string[] = [];
  if (onHand + consumed !== opening) {
    faults.push(
      `${sku}: ${opening} at first, ${consumed} left the house, and ${onHand} are on the shelf`,
    );
  }
  if (reserved !== held) {
    faults.push(`${sku}: ${reserved} are put aside, and the reservations hold ${held}`);
  }
  return faults;
}

function moneyFaults({ accountsCents, chargedCents, refundedCents }: BookTotals): string[] {
  const faults: string[] = [];
  const sum = [...accountsCents.values()].reduce((total, cents) => total + cents, 0);
  if (sum !== 0) faults.push(`the accounts add up to ${euros(sum)}, not to nothing`);
  const shop = accountsCents.get('shop') ?? 0;
  const kept = chargedCents - refundedCents;
  if (shop !== kept) {
    faults.push(`the shop has ${euros(shop)}, and charges less refunds are ${euros(kept)}`);
  }
  return faults;
}
