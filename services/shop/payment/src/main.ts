import { databasePath, runServiceProcess } from '@troupe/service-process';
import { readSettings } from './config.ts';
import { createPaymentService } from './payment-service.ts';

await runServiceProcess({
  name: 'payment',
  settings: () => readSettings(process.env),
  create: (parts, { dataFolder }) =>
    createPaymentService({ ...parts, databasePath: databasePath(dataFolder, 'payment') }),
});
