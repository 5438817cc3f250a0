import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'

export interface SigningKey {
  readonly id: string
  readonly privateKey: CryptoKey
  /** What verifiers get. */
  readonly publicJwk: JWK
}

/** The key of the local issuer: made at the first start, readable by its owner only, and kept, so that tokens outlive a restart. */
export async function signingKey(folder: string): Promise<SigningKey> {
  const file = join(folder, 'signing-key.json')
  const stored = await read(file)
  if (stored) return await toSigningKey(stored)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(privateKey)), kid: randomUUID() }
  const unfinished = `${file}.${jwk.kid}`
  await writeFile(unfinished, JSON.stringify(jwk), { mode: 0o600 })
  // Of two first starts at once one key wins, whole: the link fails if the file is there.
  await link(unfinished, file).catch(() => {})
  await rm(unfinished)
  return await toSigningKey((await read(file)) ?? jwk)
}

async function read(file: string): Promise<JWK | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as JWK
  } catch {
    return undefined
  }
}

async function toSigningKey(jwk: JWK): Promise<SigningKey> {
  const { d: _secret, ...publicPart } = jwk
  return {
    id: jwk.kid ?? '',
    privateKey: (await importJWK(jwk, 'ES256')) as CryptoKey,
    publicJwk: { ...publicPart, alg: 'ES256', use: 'sig' },
  }
}
