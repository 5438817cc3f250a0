import { runService } from '#pipelines/http/run-service.ts'
import { openDatabase } from '#pipelines/kernel/database.ts'
import { createPayment } from './app.ts'
import { paymentConfig } from './config.ts'
import { simulatedProvider } from './provider/simulated.ts'

await runService('payment', paymentConfig(process.env), (outside, config, http) => {
  // Connections of its own: the provider stands for a bank, whose memory survives this process and shares nothing with it.
  const memory = openDatabase({
    url: config.databaseUrl,
    maxConnections: 4,
    name: 'payment-provider',
    log: outside.log,
  })
  return createPayment({ ...outside, provider: simulatedProvider(memory) }, config, http)
})
