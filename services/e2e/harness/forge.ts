import { createPublicKey, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT, UnsecuredJWT } from 'jose'

/** The key of a local shop's issuer, and one of nobody's. */
export interface Keys {
  readonly issuer: string
  readonly kid: string
  readonly theirs: CryptoKey
  readonly theirPublic: JWK
  readonly mallorys: CryptoKey
  readonly mallorysPublic: JWK
}

/** Reads the signing key of the shop in this folder, which only its owner can. */
export async function keysOf(home: string, issuer: string): Promise<Keys> {
  const { d, ...theirPublic } = JSON.parse(await readFile(join(home, 'identity', 'signing-key.json'), 'utf8')) as JWK
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  return {
    issuer,
    kid: theirPublic.kid ?? '',
    theirs: (await importJWK({ ...theirPublic, d } as JWK, 'ES256')) as CryptoKey,
    theirPublic,
    mallorys: privateKey,
    mallorysPublic: await exportJWK(publicKey),
  }
}

export interface Made {
  readonly header?: object
  readonly claims?: Readonly<Record<string, unknown>>
  readonly key?: CryptoKey | Uint8Array
}

/** A token as the issuer makes them, with what is given in place of the usual. `undefined` leaves a claim or header out. */
export async function token({ issuer, kid, theirs }: Keys, { header = {}, claims = {}, key = theirs }: Made = {}) {
  return await new SignJWT({ ...usual(issuer), ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid, ...header })
    .sign(key)
}

function usual(issuer: string) {
  const now = Math.floor(Date.now() / 1_000)
  const roles = ['admin', 'customer']
  return {
    iss: issuer,
    aud: 'eshop',
    sub: 'mallory',
    roles,
    client_id: 'x',
    jti: randomUUID(),
    iat: now,
    exp: now + 600,
  }
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds

/** Tokens that no service may take, by what is wrong with them. `elsewhere` is a server of mallory's that offers her key. */
export async function forgeries(keys: Keys, elsewhere: string): Promise<readonly (readonly [string, string])[]> {
  const { issuer, kid, theirPublic, mallorys, mallorysPublic } = keys
  const unsigned = (alg: string) => `${encoded({ alg, typ: 'at+jwt', kid })}.${encoded(usual(issuer))}.`
  const pem = createPublicKey({ key: theirPublic as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  const shared = (secret: Uint8Array, header: object = {}) =>
    token(keys, { header: { alg: 'HS256', ...header }, key: secret })
  const [head = '', , signature = ''] = (await token(keys, { claims: { roles: ['customer'] } })).split('.')
  const bent = (name: string) => token(keys, { header: { kid: name }, key: mallorys })
  const bytes = (text: string | Buffer) => new Uint8Array(Buffer.from(text))
  return [
    ['alg none', new UnsecuredJWT(usual(issuer)).encode()],
    ['alg none with a key id', unsigned('none')],
    ['alg None, in another case', unsigned('nOnE')],
    ['no signature', `${encoded({ alg: 'ES256', typ: 'at+jwt', kid })}.${encoded(usual(issuer))}.`],
    ['the public key as a shared secret (PEM)', await shared(bytes(pem))],
    ['the public key as a shared secret (JWK)', await shared(bytes(JSON.stringify(theirPublic)))],
    [
      'a key id that is a path to nothing, and an empty secret',
      await shared(new Uint8Array(32), { kid: '../../../../dev/null' }),
    ],
    ['a key id that is a path', await bent('../../identity/signing-key.json')],
    ['a key id that is SQL', await bent("x' union select 'key' --")],
    ['a key id that is a URL', await bent(`${elsewhere}/jwks.json`)],
    ['a key id that nobody knows', await bent(randomUUID())],
    ["the right key id and another's key", await bent(kid)],
    ['jku', await token(keys, { header: { jku: `${elsewhere}/jwks.json`, kid: 'm' }, key: mallorys })],
    ['x5u', await token(keys, { header: { x5u: `${elsewhere}/cert.pem`, kid: 'm' }, key: mallorys })],
    ['a key of its own (jwk)', await token(keys, { header: { jwk: mallorysPublic }, key: mallorys })],
    ['another audience', await token(keys, { claims: { aud: 'somebody-else' } })],
    ['no audience', await token(keys, { claims: { aud: undefined } })],
    ['another issuer', await token(keys, { claims: { iss: elsewhere } })],
    ['expired', await token(keys, { claims: { iat: inSeconds(-900), exp: inSeconds(-120) } })],
    ['not valid yet', await token(keys, { claims: { nbf: inSeconds(120) } })],
    ['no end', await token(keys, { claims: { exp: undefined } })],
    ['no subject', await token(keys, { claims: { sub: undefined } })],
    ['not an access token', await token(keys, { header: { typ: 'JWT' } })],
    ['other claims than were signed', `${head}.${encoded(usual(issuer))}.${signature}`],
    [
      'what is critical and unknown',
      `${encoded({ alg: 'ES256', typ: 'at+jwt', kid, crit: ['x'], x: 1 })}.${encoded(usual(issuer))}.${signature}`,
    ],
  ]
}
