import type { ApiError } from '../data/api.ts'

/** What went wrong, and what can be done. */
export function Trouble({ error, onRetry }: { readonly error: ApiError; readonly onRetry?: () => void }) {
  const away = error.status === 0 || error.status === 503
  return (
    <div class="trouble" role="alert">
      <strong>{away ? 'No answer' : error.status === 403 ? 'Not allowed' : 'This did not work'}</strong>
      <p>{error.message}</p>
      {onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}
