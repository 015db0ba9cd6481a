import { defineEvent, t } from '@troupe/core';
import { orderId } from './order-id.ts';
import { rejection } from './rejection.ts';

export class PaymentCharged extends defineEvent(
  'shop.payment.PaymentCharged',
  { orderId, chargeId: t.string(), cents: t.long() },
  { doc: 'The card was charged with the whole order.' },
) {}

export class PaymentDeclined extends defineEvent(
  'shop.payment.PaymentDeclined',
  { orderId, ...rejection },
  { doc: 'The provider declined the card, so nothing was charged.' },
) {}

export class PaymentRefunded extends defineEvent(
  'shop.payment.PaymentRefunded',
  { orderId, cents: t.long().doc('0 when nothing had been charged.') },
  { doc: 'The customer has the money back.' },
) {}
