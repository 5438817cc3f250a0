import { type Static, Type } from 'typebox'
import { serviceConfig } from '#pipelines/http/service-config.ts'

/** The catalog needs nothing beside what every service does. */
export const CatalogConfig = Type.Object({
  ...serviceConfig,
  port: Type.Integer({
    default: 7102,
    minimum: 0,
    maximum: 65_535,
    description: 'port to listen on, 0 for any free one',
  }),
})
export type CatalogConfig = Static<typeof CatalogConfig>
