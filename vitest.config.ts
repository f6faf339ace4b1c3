import { configDefaults, defineConfig } from 'vitest/config';
import { RunReporter } from './libs/testing/src/run-reporter.js';

const integration = ['apps/**/*.int.spec.ts', 'libs/**/*.int.spec.ts'];
const endToEnd = ['test/**/*.e2e.spec.ts'];
const services = ['libs/testing/src/global-setup.ts'];

/**
 * Sources are run as they stand (condition `baton`); processes and workers are started from `dist`, so `npm test` builds first.
 * Three projects: only those that need services start them, and end-to-end files, which each start a platform, run one at a time
 * after all else.
 */
export default defineConfig({
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: false } },
  resolve: { conditions: ['baton'] },
  ssr: { resolve: { conditions: ['baton'] } },
  test: {
    reporters: ['default', new RunReporter()],
    maxWorkers: 2,
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['apps', 'libs', 'scripts', 'test', 'bench'].map((folder) => `${folder}/**/*.spec.ts`),
          exclude: [...configDefaults.exclude, ...integration, ...endToEnd],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: integration,
          globalSetup: services,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: endToEnd,
          globalSetup: services,
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
