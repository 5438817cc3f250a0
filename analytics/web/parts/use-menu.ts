import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

interface Menu {
  readonly box: RefObject<HTMLDetailsElement | null>
  close(): void
  onKeyDown(event: KeyboardEvent): void
}

/** A `<details>` that is a menu: it closes with Escape, which leads back to its button, and when something else is pressed or has the focus. */
export function useMenu(): Menu {
  const box = useRef<HTMLDetailsElement>(null)
  const close = () => {
    if (box.current) box.current.open = false
  }
  useEffect(() => {
    const elsewhere = (event: Event) => {
      if (box.current?.open && !event.composedPath().includes(box.current)) box.current.open = false
    }
    document.addEventListener('pointerdown', elsewhere)
    document.addEventListener('focusin', elsewhere)
    return () => {
      document.removeEventListener('pointerdown', elsewhere)
      document.removeEventListener('focusin', elsewhere)
    }
  }, [])
  return {
    box,
    close,
    onKeyDown(event) {
      if (event.key !== 'Escape' || !box.current?.open) return
      close()
      box.current.querySelector('summary')?.focus()
    },
  }
}
