import { join } from 'node:path';
import { runServiceProcess } from '@shop/process';
import { readSettings } from './config.ts';
import { createPaymentService } from './payment-service.ts';

await runServiceProcess({
  name: 'payment',
  settings: () => readSettings(process.env),
  create: (parts, { dataFolder }) =>
    createPaymentService({ ...parts, databasePath: join(dataFolder, 'payment.db') }),
});
