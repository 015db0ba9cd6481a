export { Address, Customer, CustomerNotified, OrderPlaced } from './order-events.ts';
export { PaymentCharged, PaymentDeclined, PaymentRefunded } from './payment-events.ts';
export {
  chargePayment,
  notifyCustomer,
  placeOrder,
  reserveStock,
  shipOrder,
} from './place-order.ts';
export { OrderShipped, ShipmentRefused } from './shipping-events.ts';
export { StockRejected, StockReleased, StockReserved } from './stock-events.ts';
