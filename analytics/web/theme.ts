export type Theme = 'system' | 'light' | 'dark'

const KEY = 'eshop-theme'

export function readTheme(): Theme {
  const kept = localStorage.getItem(KEY)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

/** Shows the theme and keeps it. `system` follows what the machine is set to. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') {
    localStorage.removeItem(KEY)
    delete document.documentElement.dataset.theme
  } else {
    localStorage.setItem(KEY, theme)
    document.documentElement.dataset.theme = theme
  }
  window.dispatchEvent(new Event('eshop-theme'))
}

/** Calls back when the colours change, by choice or by the machine. Returns how to stop. */
export function onTheme(changed: () => void): () => void {
  const dark = window.matchMedia('(prefers-color-scheme: dark)')
  window.addEventListener('eshop-theme', changed)
  dark.addEventListener('change', changed)
  return () => {
    window.removeEventListener('eshop-theme', changed)
    dark.removeEventListener('change', changed)
  }
}
