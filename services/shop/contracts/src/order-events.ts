import { defineEvent, t } from '@troupe/core';
import { orderId } from './order-id.ts';

const OrderLine = t.record('shop.OrderLine', {
  sku: t.string(),
  quantity: t.int(),
  unitCents: t.int().doc('The price that the customer saw.'),
});

export const Customer = t.record('shop.Customer', { name: t.string(), email: t.string() });

export const Address = t.record('shop.Address', {
  street: t.string(),
  postcode: t.string(),
  city: t.string(),
  country: t.string().doc('ISO 3166-1 alpha-2, as FR.'),
});

export class OrderPlaced extends defineEvent(
  'shop.orders.OrderPlaced',
  {
    orderId,
    placedAt: t.timestamp(),
    customer: Customer,
    lines: t.array(OrderLine),
    totalCents: t.long().doc('The sum of quantity times price over all lines.'),
    currency: t.enum('shop.Currency', ['EUR']),
    cardToken: t.string().doc('What the payment provider knows the card by.'),
    shipTo: Address,
  },
  { doc: 'A customer placed an order; nothing is reserved or charged yet.' },
) {}

export class CustomerNotified extends defineEvent(
  'shop.orders.CustomerNotified',
  { orderId, email: t.string(), messageId: t.string() },
  { doc: 'The customer was told that the order is on its way.' },
) {}
