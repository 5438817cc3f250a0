import { useLayoutEffect, useState } from 'preact/hooks'
import { readView, type View, writeView } from './view.ts'

export type Go = (view: View, options?: { readonly replace?: boolean }) => void

/** Goes to a view. A step that is not worth a press of the back button replaces the current one. */
export const go: Go = (view, { replace = false } = {}) => {
  const hash = writeView(view)
  if (hash === location.hash) return
  if (replace) history.replaceState(null, '', hash)
  else history.pushState(null, '', hash)
  window.dispatchEvent(new HashChangeEvent('hashchange'))
}

export function useView(): View {
  const [view, set] = useState(() => readView(location.hash))
  // In the same turn as the address is read: one that changes before a later listener is there would never be shown.
  useLayoutEffect(() => {
    const changed = () => set(readView(location.hash))
    window.addEventListener('hashchange', changed)
    window.addEventListener('popstate', changed)
    return () => {
      window.removeEventListener('hashchange', changed)
      window.removeEventListener('popstate', changed)
    }
  }, [])
  return view
}
