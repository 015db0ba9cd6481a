export {
  type CardAnswer,
  type CardCharge,
  type CardProvider,
  simulateCards,
  testCards,
} from './card-provider.ts';
export { createPaymentService, type PaymentParts } from './payment-service.ts';
