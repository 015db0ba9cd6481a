import { defineEvent, t } from '@troupe/core';
import { Customer } from './order-events.ts';
import { orderId } from './order-id.ts';
import { rejection } from './rejection.ts';

export class OrderShipped extends defineEvent(
  'shop.shipping.OrderShipped',
  { orderId, trackingId: t.string(), carrier: t.string(), customer: Customer },
  { doc: 'The parcel left the house; there is no way back.' },
) {}

export class ShipmentRefused extends defineEvent(
  'shop.shipping.ShipmentRefused',
  { orderId, ...rejection, country: t.string() },
  { doc: 'No carrier serves the address, so nothing was sent.' },
) {}
