import { runService } from '#pipelines/http/run-service.ts'
import { createBasket } from './app.ts'
import { restCatalog } from './catalog/rest.ts'
import { BasketConfig } from './config.ts'

await runService('basket', BasketConfig, (outside, config, http) => {
  const catalog = restCatalog({ url: config.catalogUrl, timeoutMs: config.catalogTimeoutMs })
  return createBasket({ ...outside, catalog }, config, http)
})
