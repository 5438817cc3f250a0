import { useState } from 'preact/hooks'
import { plainType } from '../data/columns.ts'
import type { Known } from '../editor/schema.ts'

/** A long name breaks behind an underscore, and is copied as it is. */
function breakable(name: string) {
  return name.split(/(?<=_)/).map((part) => (
    <>
      {part}
      <wbr />
    </>
  ))
}

/** The published views and their columns. A click puts the name into the statement. */
export function SqlSchema({
  known,
  onInsert,
}: {
  readonly known: Known | undefined
  readonly onInsert: (name: string) => void
}) {
  const [search, setSearch] = useState('')
  const found = Object.entries(known?.tables ?? {}).filter(
    ([table, columns]) => search === '' || table.includes(search) || columns.some(({ name }) => name.includes(search)),
  )
  return (
    <aside class="schema" aria-label="Views and columns">
      <details open={matchMedia('(min-width: 900px)').matches}>
        <summary>
          Views <small>{known ? Object.keys(known.tables).length : '…'}</small>
        </summary>
        <input
          type="search"
          placeholder="Find a view or column"
          aria-label="Find a view or column"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value.trim().toLowerCase())}
        />
        <ul>
          {found.map(([table, columns]) => (
            <li key={table}>
              <details open={search !== '' && !table.includes(search)}>
                <summary>{breakable(table)}</summary>
                <ul>
                  {columns
                    .filter(({ name }) => search === '' || table.includes(search) || name.includes(search))
                    .map(({ name, type }) => (
                      <li key={name}>
                        <button type="button" onClick={() => onInsert(name)} title={type}>
                          {name} <small>{plainType(type).replace(/\(.*/s, '')}</small>
                        </button>
                      </li>
                    ))}
                </ul>
              </details>
            </li>
          ))}
        </ul>
      </details>
    </aside>
  )
}
