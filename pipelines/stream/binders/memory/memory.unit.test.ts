import { binderConformance } from '../conformance.ts'
import { memoryBinder } from './binder.ts'
import { memoryBroker } from './broker.ts'

binderConformance('memory', async () => {
  const broker = memoryBroker()
  return {
    open: () => ({ binder: memoryBinder(broker), vanish: (group) => broker.crash(group) }),
    goAway: broker.goAway,
    comeBack: broker.comeBack,
    close: async () => {},
  }
})
