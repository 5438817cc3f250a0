import { useEffect, useRef, useState } from 'preact/hooks'
import { timezone } from '../data/api.ts'
import { offsetLabel } from '../format/time.ts'
import { keepSession, readSession, subjectOf } from '../state/session.ts'
import { applyTheme, readTheme, type Theme } from '../theme.ts'

export interface Tab {
  readonly path: string
  readonly title: string
  readonly href: string
}

const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' }
const NAMES: Readonly<Record<Theme, string>> = {
  system: 'Theme: as the machine',
  light: 'Theme: light',
  dark: 'Theme: dark',
}
const SIGNS: Readonly<Record<Theme, string>> = { system: '◐', light: '○', dark: '●' }

/** The name of the place, its pages, whose time it is, and who looks at it. */
export function Header({ tabs, current }: { readonly tabs: readonly Tab[]; readonly current: string }) {
  const [theme, setTheme] = useState(readTheme())
  const change = () => {
    applyTheme(NEXT[theme])
    setTheme(NEXT[theme])
  }
  const session = readSession()
  const nav = useRef<HTMLElement>(null)
  // Dependencies: on a narrow screen the current tab may lie outside.
  useEffect(
    () => nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }),
    [current, tabs.length],
  )
  return (
    <header class="top">
      <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>('main')?.focus()}>
        To the content
      </button>
      <a class="brand" href={tabs[0]?.href ?? '#'}>
        <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
          <rect width="32" height="32" rx="7" />
          <path d="M7 23V16m6 7V9m6 14v-9m6 9V6" />
        </svg>
        <span>eshop</span>
      </a>
      <nav aria-label="Pages" ref={nav}>
        <ul>
          {tabs.map(({ path, title, href }) => (
            <li key={path}>
              <a href={href} aria-current={path === current ? 'page' : undefined}>
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="side">
        <span class="zone" title="All times are shown in this time zone">
          {timezone !== 'UTC' && <span class="place">{timezone}</span>} <span>{offsetLabel()}</span>
        </span>
        <button type="button" class="icon" onClick={change} title={NAMES[theme]} aria-label={NAMES[theme]}>
          <span aria-hidden="true">{SIGNS[theme]}</span>
        </button>
        {session && (
          <button
            type="button"
            class="quiet"
            onClick={() => keepSession(undefined)}
            title={`Signed in as ${subjectOf(session.token)}`}
          >
            Sign out
          </button>
        )}
      </div>
    </header>
  )
}
