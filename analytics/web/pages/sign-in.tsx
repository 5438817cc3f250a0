import { useState } from 'preact/hooks'
import { keepSession, offersLocalSignIn, signInLocally } from '../state/session.ts'

/** One click on one's own machine; elsewhere an access token of the issuer that all services know. */
export function SignIn() {
  const [token, setToken] = useState('')
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const local = offersLocalSignIn()
  const oneClick = async () => {
    setBusy(true)
    await signInLocally().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)))
    setBusy(false)
  }
  return (
    <main class="sign-in" id="main" tabIndex={-1}>
      <div class="card">
        <svg viewBox="0 0 32 32" width="44" height="44" aria-hidden="true" class="logo">
          <rect width="32" height="32" rx="7" />
          <path d="M7 23V16m6 7V9m6 14v-9m6 9V6" />
        </svg>
        <h1>eshop analytics</h1>
        <p>Every event of the shop, joined per order, as it happens.</p>
        {local && (
          <>
            <button type="button" class="primary" onClick={oneClick} disabled={busy}>
              Continue as an analyst
            </button>
            <p class="hint">This shop runs on your machine: its own issuer signs you in.</p>
            <p class="or">or</p>
          </>
        )}
        <form
          onSubmit={(event) => {
            event.preventDefault()
            const plain = token.trim().replace(/^Bearer\s+/i, '')
            if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(plain)) keepSession({ token: plain, local: false })
            else
              setProblem(
                'That is no access token: three parts with dots between, as `eshop token --role analyst` prints it.',
              )
          }}
        >
          <label>
            Access token
            <input
              type="password"
              autoComplete="off"
              spellcheck={false}
              value={token}
              onInput={(event) => setToken(event.currentTarget.value)}
              placeholder="eyJ…"
            />
          </label>
          <button type="submit" disabled={token.trim() === ''}>
            Sign in
          </button>
        </form>
        <p class="hint">
          With role analyst, operator or support. It stays in this tab.{' '}
          {local && (
            <>
              From a terminal: <code>eshop token --role analyst</code>
            </>
          )}
        </p>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
      </div>
    </main>
  )
}
