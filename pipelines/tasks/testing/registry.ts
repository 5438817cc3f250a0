import type { Registry, Task } from '../task.ts'

const NAMES = ['forever', 'deaf', 'blocks', 'leaks', 'writes', 'own-code', 'exits', 'throws-aside', 'flaky', 'tells']

/** The tasks of tests, loaded when they run. */
export const testRegistry: Registry = {
  ...Object.fromEntries(
    NAMES.map((name) => [name, async () => ({ task: (await import('./tasks.ts')).testTasks[name] as Task })]),
  ),
  'count-to': () => import('./count-to.ts'),
  'not-loadable': () => import('./not-loadable.ts'),
}
