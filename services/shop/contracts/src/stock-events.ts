import { defineEvent, t } from '@troupe/core';
import { orderId } from './order-id.ts';
import { rejection } from './rejection.ts';

export class StockReserved extends defineEvent(
  'shop.stock.StockReserved',
  { orderId, reservationId: t.string(), items: t.int() },
  { doc: 'Every line of the order is put aside.' },
) {}

export class StockRejected extends defineEvent(
  'shop.stock.StockRejected',
  { orderId, ...rejection, sku: t.string() },
  { doc: 'A line cannot be fulfilled, so nothing was put aside.' },
) {}

export class StockReleased extends defineEvent(
  'shop.stock.StockReleased',
  { orderId, items: t.int().doc('How many were put back; 0 when none had been put aside.') },
  { doc: 'What was put aside is for sale again.' },
) {}
