import type { ApiError } from '../data/api.ts'

const WORDS: Readonly<Record<number, string>> = {
  403: 'Not allowed',
  404: 'Not found',
  429: 'Too many questions at once',
}

/** What went wrong, and what can be done. */
export function Trouble({ error, onRetry }: { readonly error: ApiError; readonly onRetry?: () => void }) {
  const away = error.status === 0 || error.status === 503
  return (
    <div class="trouble" role="alert">
      <strong>{away ? 'No answer' : (WORDS[error.status] ?? 'This did not work')}</strong>
      <p>{error.message}</p>
      {onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}
