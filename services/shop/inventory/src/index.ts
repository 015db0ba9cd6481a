export { createInventoryService, type InventoryParts } from './inventory-service.ts';
export { openingStock } from './opening-stock.ts';
