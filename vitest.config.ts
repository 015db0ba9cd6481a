import { defineConfig } from 'vitest/config';

const unitTests = ['{packages,services,infra}/**/*.{test,prop.test}.ts', 'tests/**/*.{test,prop.test}.ts'];
const integrationTests = ['{packages,services,infra,tests}/**/*.int.test.ts'];

/** A file's suffix says what its test costs: `.int.test.ts` needs the real servers. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: unitTests,
          exclude: ['**/node_modules/**', '**/*.int.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          include: integrationTests,
          exclude: ['**/node_modules/**'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
