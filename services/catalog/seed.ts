import Type from 'typebox'
import { readConfig } from '#pipelines/kernel/config.ts'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { seedCatalog } from './seed/seed-catalog.ts'

/** The program behind `eshop up`'s first shelf: asks the local issuer for a token and seeds. The last line says what was done. */
const { catalogUrl, issuer, catalogToken } = readConfig(
  Type.Object({
    catalogUrl: Type.String({ default: 'http://127.0.0.1:7102', description: "base of the catalog's REST API" }),
    issuer: Type.String({ default: 'http://127.0.0.1:7100', description: 'local token issuer' }),
    catalogToken: Type.Optional(
      Type.String({ description: 'access token to use instead of one from the local issuer' }),
    ),
  }),
)

const { created, present } = await seedCatalog({ catalogUrl, token: catalogToken ?? (await localToken()) })
process.stdout.write(`${created} products made, ${present} were there\n`)

async function localToken(): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sub: 'seed', roles: ['catalog-admin'], ttlSeconds: 300 }),
    signal: AbortSignal.timeout(10_000),
  })
  const answer = (await response.json()) as { access_token?: string }
  if (answer.access_token === undefined) throw new Unavailable('NO_TOKEN', `the issuer at ${issuer} gave no token`)
  return answer.access_token
}
