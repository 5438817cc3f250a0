import { useEffect } from 'preact/hooks'

/** Single keys for the page, while no field has the focus. */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.composedPath()[0] as HTMLElement | undefined
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        target?.isContentEditable ||
        /^(INPUT|SELECT|TEXTAREA)$/.test(target?.tagName ?? '')
      )
        return
      const action = keys[event.key]
      if (!action) return
      event.preventDefault()
      action()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  })
}
