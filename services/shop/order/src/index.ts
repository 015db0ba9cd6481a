export { greylistingDomain, type Mail, type MailProvider, simulateMail } from './mail-provider.ts';
export { type OrderLine, type OrderRequest, toOrderPlaced, totalCentsOf } from './order-request.ts';
export { createOrderService, type OrderParts, type OrderService } from './order-service.ts';
