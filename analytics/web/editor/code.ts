import {
  autocompletion,
  type Completion,
  closeBrackets,
  closeBracketsKeymap,
  completeFromList,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { PostgreSQL, SQLDialect, sql } from '@codemirror/lang-sql'
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search'
import { Compartment, EditorState, Prec } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { markWrong, wrongPlace } from './wrong-place.ts'

export interface Code {
  text(): string
  setText(text: string): void
  /** Underlines the word where a statement went wrong, and puts the cursor there. */
  showPlace(offset: number): void
  insert(text: string): void
  offer(schema: Readonly<Record<string, readonly string[]>>, functions: readonly string[]): void
  destroy(): void
}

/** ClickHouse's words beyond those of standard SQL. */
const CLICKHOUSE = SQLDialect.define({
  keywords:
    `${PostgreSQL.spec.keywords ?? ''} prewhere final sample settings format array join global any asof anti semi limit by with totals rollup cube qualify ilike ` +
    'interval ttl engine materialized fill from step to interpolate describe explain exists',
  types:
    'Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64 Float32 Float64 String UUID Date Date32 DateTime DateTime64 Decimal Bool Array Map Tuple Nullable LowCardinality',
  backslashEscapes: true,
  hashComments: false,
  slashComments: false,
  identifierQuotes: '`"',
  caseInsensitiveIdentifiers: false,
})

const highlighting = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: 'var(--code-keyword)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: tags.typeName, color: 'var(--code-type)' },
])

const look = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '13px', height: '100%' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
    lineHeight: '1.55',
  },
  '.cm-content': { caretColor: 'var(--text)', padding: '10px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--muted)', border: 'none', paddingRight: '4px' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent) 6%, transparent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'color-mix(in srgb, var(--accent) 25%, transparent)',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    border: '1px solid var(--line)',
    borderRadius: '6px',
    boxShadow: '0 8px 24px rgb(0 0 0 / .18)',
  },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { maxHeight: '14.4em', padding: '4px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px', borderRadius: '4px' },
  '.cm-completionDetail': { color: 'inherit', opacity: '0.75', fontStyle: 'normal' },
  '.cm-panels': { backgroundColor: 'var(--surface)', color: 'var(--text)' },
})

/**
 * The editor, loaded only when somebody writes SQL. It lives in a shadow root: there its styles are a constructed sheet, which a policy without inline styles
 * allows. Tab moves on as everywhere, so that nobody is caught in it by keyboard.
 */
export function createCode(
  host: HTMLElement,
  { text, onRun, onChange }: { text: string; onRun: () => void; onChange: (text: string) => void },
): Code {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const frame = document.createElement('div')
  frame.style.height = '100%'
  root.replaceChildren(frame)
  const language = new Compartment()
  const runIt = () => {
    onRun()
    return true
  }
  const view = new EditorView({
    root,
    parent: frame,
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(
          keymap.of([
            { key: 'Mod-Enter', run: runIt },
            { key: 'Ctrl-Enter', run: runIt },
          ]),
        ),
        lineNumbers(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        highlightSelectionMatches(),
        autocompletion({ icons: false }),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap]),
        language.of(sql({ dialect: CLICKHOUSE, upperCaseKeywords: true })),
        syntaxHighlighting(highlighting),
        look,
        wrongPlace,
        EditorView.lineWrapping,
        placeholder('SELECT status, count() FROM orders GROUP BY status'),
        EditorView.contentAttributes.of({
          'aria-label': 'SQL statement. Control and Enter run it.',
          spellcheck: 'false',
        }),
        EditorView.updateListener.of((update) => update.docChanged && onChange(update.state.doc.toString())),
      ],
    }),
  })
  return {
    text: () => view.state.doc.toString(),
    setText: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
    showPlace(offset) {
      view.dispatch(markWrong(view.state, offset))
      view.focus()
    },
    insert(piece) {
      view.dispatch(view.state.replaceSelection(piece))
      view.focus()
    },
    offer(schema, functions) {
      const calls: Completion[] = functions.map((name) => ({
        label: name,
        type: 'function',
        apply: `${name}(`,
        boost: -2,
      }))
      view.dispatch({
        effects: language.reconfigure([
          sql({ dialect: CLICKHOUSE, upperCaseKeywords: true, schema: schema as Record<string, readonly string[]> }),
          CLICKHOUSE.language.data.of({ autocomplete: completeFromList(calls) }),
          // Columns of all views, also before a FROM says which.
          CLICKHOUSE.language.data.of({ autocomplete: completeFromList(columnsOfAll(schema)) }),
        ]),
      })
    },
    destroy: () => view.destroy(),
  }
}

function columnsOfAll(schema: Readonly<Record<string, readonly string[]>>): Completion[] {
  const tables = new Map<string, string[]>()
  for (const [table, columns] of Object.entries(schema))
    for (const column of columns) tables.set(column, [...(tables.get(column) ?? []), table])
  return [...tables].map(([label, of]) => ({
    label,
    type: 'property',
    detail: of.length > 3 ? `${of.length} views` : of.join(', '),
    boost: -1,
  }))
}
