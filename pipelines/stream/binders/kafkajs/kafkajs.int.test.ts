import { inject } from 'vitest'
import { silentLog } from '#pipelines/kernel/log.ts'
import { type BreakableNetwork, breakableNetwork } from '../../testing/breakable-network.ts'
import { binderConformance } from '../conformance.ts'
import { kafkajsBinder } from './binder.ts'

binderConformance('kafkajs', async () => {
  const networks = new Set<BreakableNetwork>()
  return {
    open() {
      const network = breakableNetwork()
      networks.add(network)
      const { socketFactory } = network
      const binder = kafkajsBinder({
        brokers: inject('kafkaBrokers'),
        clientId: 'conformance',
        log: silentLog,
        socketFactory,
      })
      return {
        binder,
        vanish() {
          networks.delete(network)
          network.goDown()
        },
      }
    },
    goAway() {
      for (const network of networks) network.goDown()
    },
    comeBack() {
      for (const network of networks) network.comeUp()
    },
    close: async () => {},
  }
})
