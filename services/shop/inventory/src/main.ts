import { databasePath, runServiceProcess } from '@troupe/service-process';
import { readSettings } from './config.ts';
import { createInventoryService } from './inventory-service.ts';

await runServiceProcess({
  name: 'inventory',
  settings: () => readSettings(process.env),
  create: (parts, { dataFolder }) =>
    createInventoryService({ ...parts, databasePath: databasePath(dataFolder, 'inventory') }),
});
