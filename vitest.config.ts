import { defineConfig } from 'vitest/config'

/** Not ours, not source, or not tests. */
const exclude = ['**/node_modules/**', '.eshop/**']
/** Tests against a whole running shop. */
const WHOLE_SHOP = ['services/e2e/**', 'services/integrity/{chaos,crash,oracle}/**']

export default defineConfig({
  test: {
    maxWorkers: 2,
    // kafkajs waits with negative times on a new Node, which is harmless and says so each time.
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.{unit,prop}.test.ts'],
          sequence: { groupOrder: 0 },
          exclude,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'int',
          include: ['**/*.int.test.ts'],
          exclude: [...exclude, ...WHOLE_SHOP],
          globalSetup: ['pipelines/testing/stack.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: WHOLE_SHOP.map((folder) => `${folder}/*.int.test.ts`),
          exclude,
          globalSetup: ['services/e2e/harness/setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // One file after the other: there is one shop, and one of them kills its parts.
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // The long half of the failure suite: `npm run test:integrity`, not part of `npm test`.
        test: {
          name: 'integrity',
          include: ['{services,pipelines,analytics}/**/*.integrity.test.ts'],
          exclude,
          globalSetup: ['pipelines/testing/stack.ts'],
          testTimeout: 3_600_000,
          hookTimeout: 300_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
