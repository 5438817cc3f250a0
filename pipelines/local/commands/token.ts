import { Command, Option } from 'commander'
import { ROLES } from '#pipelines/http/types.ts'
import { Unavailable, UsageError } from '#pipelines/kernel/errors.ts'
import { tokenRequest } from '../issuer/token-request.ts'
import { readSettings, urlOf } from '../settings.ts'
import { secondsOf } from './ttl.ts'

interface TokenOptions {
  readonly role: string[]
  readonly sub?: string
  readonly ttl: string
  readonly json?: boolean
}

export function tokenCommand(): Command {
  return new Command('token')
    .description('print an access token of the local issuer, for trying things out')
    .addOption(new Option('--role <role...>', 'what its holder may do').choices(ROLES).makeOptionMandatory())
    .option('--sub <id>', 'whom it stands for (default: the role)')
    .option('--ttl <time>', 'how long it is valid: 90s, 30m, 12h; at most 24h', '1h')
    .option('--json', 'print it with what it holds')
    .addHelpText('after', EXAMPLES)
    .action(printToken)
}

const EXAMPLES = `
Examples:
  eshop token --role customer --sub alice
  curl -H "authorization: Bearer $(npx eshop token --role customer --sub alice)" http://127.0.0.1:7101/v1/basket
  eshop token --role support --role warehouse --ttl 12h --json`

async function printToken({ role, sub = role[0], ttl, json }: TokenOptions): Promise<void> {
  const request = tokenRequest({ sub, roles: role, ttlSeconds: secondsOf(ttl) })
  const issuer = urlOf(readSettings(), 'identity')
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(5_000),
  }).catch((cause: unknown) => {
    throw new Unavailable('ISSUER_AWAY', `no token issuer answers at ${issuer}: \`npm start\` starts it`, { cause })
  })
  if (!response.ok) throw new UsageError('TOKEN_REFUSED', `the issuer at ${issuer} refused (${response.status})`)
  const { access_token, expires_in } = (await response.json()) as { access_token: string; expires_in: number }
  const expiresAt = new Date(Date.now() + expires_in * 1000).toISOString()
  console.log(json ? JSON.stringify({ token: access_token, sub, roles: role, issuer, expiresAt }) : access_token)
}
