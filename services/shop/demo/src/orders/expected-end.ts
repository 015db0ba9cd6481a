import { openingStock } from '@shop/inventory';
import type { OrderRequest } from '@shop/order';
import { testCards } from '@shop/payment';
import { servedCountries } from '@shop/shipping';

/** How an order must end, whatever else happens at the same time. */
export type ExpectedEnd =
  | { readonly kind: 'completed' }
  | {
      readonly kind: 'compensated';
      /** At least one of these is the reason: of two services that refuse, the second may not be asked any more. */
      readonly reasons: readonly string[];
    };

/**
 * Says how an order must end by its data alone. The shop's rules, stated a second time: this does not call the
 * services, which are what it judges.
 */
export function expectedEnd(order: OrderRequest): ExpectedEnd {
  const reasons = [...stockRefusals(order), ...cardRefusals(order)];
  // Shipping is asked only when stock and payment are settled.
  if (reasons.length === 0 && !servedCountries.includes(order.shipTo.country)) {
    return { kind: 'compensated', reasons: ['address-not-served'] };
  }
  return reasons.length === 0 ? { kind: 'completed' } : { kind: 'compensated', reasons };
}

function stockRefusals({ lines }: OrderRequest): string[] {
  const skus = [...new Set(lines.map(({ sku }) => sku))];
  const isUnknown = skus.some((sku) => !openingStock.has(sku));
  const runsShort = skus.some((sku) => {
    const units = lines.reduce((sum, line) => sum + (line.sku === sku ? line.quantity : 0), 0);
    return units > (openingStock.get(sku) ?? units);
  });
  return [...(isUnknown ? ['unknown-sku'] : []), ...(runsShort ? ['too-little-stock'] : [])];
}

function cardRefusals({ cardToken }: OrderRequest): string[] {
  if (cardToken === testCards.noFunds) return ['insufficient-funds'];
  return cardToken === testCards.expired ? ['card-expired'] : [];
}
