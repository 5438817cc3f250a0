import { type EditorState, type Extension, StateEffect, StateField, type TransactionSpec } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view'

const setPlace = StateEffect.define<number>()
const mark = Decoration.mark({ class: 'cm-wrong', attributes: { title: 'Here it went wrong' } })

/** Underlines the word where a statement went wrong, until somebody writes on. */
const place = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    const effect = transaction.effects.find((one) => one.is(setPlace))
    if (effect?.is(setPlace)) return marksAt(transaction.state, effect.value)
    return transaction.docChanged ? Decoration.none : marks
  },
  provide: (field) => EditorView.decorations.from(field),
})

export const wrongPlace: Extension = [
  place,
  EditorView.baseTheme({
    '.cm-wrong': { textDecoration: 'underline wavy var(--bad) 1.5px', textUnderlineOffset: '3px' },
  }),
]

/** Marks the word at an offset and puts the cursor there; at the end of the text, where there is no word, the one before it. */
export function markWrong(state: EditorState, offset: number): TransactionSpec {
  const anchor = Math.min(offset, state.doc.length)
  return { selection: { anchor }, effects: setPlace.of(anchor), scrollIntoView: true }
}

function marksAt(state: EditorState, offset: number): DecorationSet {
  const word = state.wordAt(offset)
  const [from, to] = word ? [word.from, word.to] : [offset, Math.min(offset + 1, state.doc.length)]
  const text = state.sliceDoc(from, to)
  if (text.trim() !== '') return Decoration.set(mark.range(from, to))
  const before = state.sliceDoc(0, offset).trimEnd().length
  const last = state.wordAt(before)
  return last && last.from < last.to ? Decoration.set(mark.range(last.from, last.to)) : Decoration.none
}
