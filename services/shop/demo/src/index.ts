export { type Audit, audit } from './books/audit.ts';
export { ShopBooks, type ShopDatabases } from './books/shop-books.ts';
export { OrderObserver } from './observer/order-observer.ts';
export { expectedEnd } from './orders/expected-end.ts';
export { orderAt } from './orders/generate-order.ts';
export { type OrderSeries, orderSeries } from './orders/order-series.ts';
export { shopGroups } from './shop/shop.ts';
