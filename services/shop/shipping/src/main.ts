import { databasePath, runServiceProcess } from '@troupe/service-process';
import { readSettings } from './config.ts';
import { createShippingService } from './shipping-service.ts';

await runServiceProcess({
  name: 'shipping',
  settings: () => readSettings(process.env),
  create: (parts, { dataFolder }) =>
    createShippingService({ ...parts, databasePath: databasePath(dataFolder, 'shipping') }),
});
