const KEY = 'eshop-session'

interface Session {
  readonly token: string
  /** It came with one click, and can be renewed so. */
  readonly local: boolean
}

/** For this tab and until it is closed. No other site and no script but our own can read it: the page loads nothing from elsewhere. */
export function readSession(): Session | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Session | null
    return kept?.token ? kept : undefined
  } catch {
    return undefined
  }
}

export function keepSession(session: Session | undefined): void {
  if (session) sessionStorage.setItem(KEY, JSON.stringify(session))
  else sessionStorage.removeItem(KEY)
  window.dispatchEvent(new Event('eshop-session'))
}

/** True where the server says that one click is enough: on one's own machine. */
export function offersLocalSignIn(): boolean {
  return document.querySelector<HTMLMetaElement>('meta[name=local-sign-in]')?.content === 'yes'
}

/** @throws Error with what to do */
export async function signInLocally(): Promise<void> {
  const answer = await fetch('/v1/analytics/local-token', { method: 'POST' })
  if (!answer.ok) throw new Error('The local issuer gave no token: is the shop up? `eshop status` tells.')
  const { accessToken } = (await answer.json()) as { accessToken: string }
  keepSession({ token: accessToken, local: true })
}

/** Who a token says it is for; nothing is verified here. */
export function subjectOf(token: string): string {
  try {
    const claims = JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))) as {
      sub?: string
    }
    return claims.sub ?? ''
  } catch {
    return ''
  }
}
