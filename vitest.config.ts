import { defineConfig } from 'vitest/config';

const sources = '{packages,services,infra,tests}/**';
const excluded = ['**/node_modules/**'];

/** A file's suffix says what its test costs: `.int.test.ts` needs the real servers. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [`${sources}/*.test.ts`],
          exclude: [...excluded, '**/*.int.test.ts'],
          // One process for many files takes half the time. Unit tests keep no global state; what
          // they stub is put back after each.
          isolate: false,
          unstubEnvs: true,
          restoreMocks: true,
          // For what never ends; how loaded the machine is must not decide a test.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: [`${sources}/*.int.test.ts`],
          exclude: excluded,
          globalSetup: './infra/src/servers/integration-setup.ts',
          fileParallelism: false,
          testTimeout: 60_000,
          // Hooks start brokers and services.
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
