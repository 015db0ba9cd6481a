export { carrierTo, servedCountries } from './carriers.ts';
export { createShippingService, type ShippingParts } from './shipping-service.ts';
