import { createCoordinator } from '@troupe/coordinator';
import { runServiceProcess } from '@troupe/service-process';
import { readSettings } from './config.ts';

await runServiceProcess({
  name: 'troupe-coordinator',
  settings: () => readSettings(process.env),
  create: (parts, { sessionTimeoutMs }) =>
    createCoordinator({ ...parts, limits: { sessionTimeoutMs } }),
});
