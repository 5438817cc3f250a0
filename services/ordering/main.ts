import { runService } from '#pipelines/http/run-service.ts'
import { readConfig } from '#pipelines/kernel/config.ts'
import { createOrdering } from './app.ts'
import { OrderingConfig } from './config.ts'

await runService('ordering', readConfig(OrderingConfig), createOrdering)
