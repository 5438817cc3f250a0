import type { ComponentChildren } from 'preact'

interface Props {
  readonly name: string
  /** Opens the rows behind it; absent where there are none to open. */
  readonly onPick: (() => void) | undefined
  readonly children: ComponentChildren
}

/** One line of a chart that is a list: a button where it leads to its rows. */
export function Entry({ name, onPick, children }: Props) {
  return (
    <li>
      {onPick ? (
        <button type="button" onClick={onPick} title={`Rows of ${name}`}>
          {children}
        </button>
      ) : (
        <div>{children}</div>
      )}
    </li>
  )
}
