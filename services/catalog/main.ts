import { runService } from '#pipelines/http/run-service.ts'
import { createCatalog } from './app.ts'
import { CatalogConfig } from './config.ts'

await runService('catalog', CatalogConfig, (outside, config, http) => createCatalog(outside, http, config))
