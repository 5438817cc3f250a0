import { readConfig, Type } from '#pipelines/kernel/config.ts'
import { messageOf, UsageError } from '#pipelines/kernel/errors.ts'
import { runUntilSignal } from '#pipelines/kernel/lifecycle.ts'
import { createLog } from '#pipelines/kernel/log.ts'
import { home, LOOPBACK } from '../paths.ts'
import { startIssuer } from './app.ts'
import { signingKey } from './keys.ts'

const Config = Type.Object({
  host: Type.String({
    default: LOOPBACK,
    description: 'address to listen on; another than loopback only in a container',
  }),
  names: Type.String({ env: 'IDENTITY_NAMES', default: '', description: 'more host names it answers to, by commas' }),
  port: Type.Integer({ default: 7100, minimum: 0, maximum: 65_535, description: 'TCP port' }),
  issuer: Type.String({ default: '', description: 'the iss claim, a URL; default is where it listens' }),
  audience: Type.String({ default: 'eshop', description: 'the aud claim' }),
  identityDir: Type.String({ default: `${home}/identity`, description: 'folder that keeps the key' }),
})

try {
  if (process.env.NODE_ENV === 'production')
    throw new UsageError(
      'NOT_IN_PRODUCTION',
      'the local token issuer gives any role to whoever asks, so it does not run with NODE_ENV=production',
    )
  const config = readConfig(Config)
  const log = createLog('identity')
  const key = await signingKey(config.identityDir)
  const issuer = config.issuer || `http://${LOOPBACK}:${config.port}`
  const names = config.names.split(',').filter((name) => name !== '')
  const { host, port, audience } = config
  const app = await startIssuer({ issuer, audience, key }, { host, port, names })
  runUntilSignal(app, { log })
  log.info({ issuer }, 'ready')
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exit(error instanceof UsageError ? 2 : 1)
}
