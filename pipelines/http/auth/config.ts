import Type from 'typebox'

/** Settings of whoever verifies tokens. */
export const AuthenticatorConfig = {
  issuer: Type.String({ minLength: 1, description: 'who signs the access tokens, exactly as in their iss claim' }),
  audience: Type.String({ minLength: 1, description: 'what tokens must be meant for: their aud claim' }),
  jwksUrl: Type.Optional(
    Type.String({ description: "address of the issuer's keys, if not <ISSUER>/.well-known/jwks.json" }),
  ),
} as const

export function jwksUrlOf({ issuer, jwksUrl }: { readonly issuer: string; readonly jwksUrl?: string }): string {
  return jwksUrl ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`
}
