import { OrderPlaced } from '@shop/contracts';

/** What a customer asks for: the body of `POST /orders`. */
export interface OrderRequest {
  /** Given by who may have to ask twice: one id is one order. Default: a new one. */
  readonly orderId?: string | undefined;
  readonly customer: { readonly name: string; readonly email: string };
  readonly lines: readonly OrderLine[];
  readonly cardToken: string;
  readonly shipTo: {
    readonly street: string;
    readonly postcode: string;
    readonly city: string;
    readonly country: string;
  };
}

export interface OrderLine {
  readonly sku: string;
  readonly quantity: number;
  readonly unitCents: number;
}

export function totalCentsOf(lines: readonly OrderLine[]): number {
  return lines.reduce((sum, { quantity, unitCents }) => sum + quantity * unitCents, 0);
}

/** The event that starts the saga. */
export function toOrderPlaced(request: OrderRequest, orderId: string, placedAt: Date): OrderPlaced {
  const { customer, lines, cardToken, shipTo } = request;
  return new OrderPlaced({
    orderId,
    placedAt,
    customer,
    lines,
    totalCents: totalCentsOf(lines),
    currency: 'EUR',
    cardToken,
    shipTo,
  });
}
