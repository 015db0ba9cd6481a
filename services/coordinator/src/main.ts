import { runServiceProcess } from '@shop/process';
import { createCoordinator } from '@troupe/coordinator';
import { readSettings } from './config.ts';

await runServiceProcess({
  name: 'troupe-coordinator',
  settings: () => readSettings(process.env),
  create: (parts, { sessionTimeoutMs }) =>
    createCoordinator({ ...parts, limits: { sessionTimeoutMs } }),
});
