import { runService } from '#pipelines/http/run-service.ts'
import { createOrdering } from './app.ts'
import { OrderingConfig } from './config.ts'

await runService('ordering', OrderingConfig, createOrdering)
