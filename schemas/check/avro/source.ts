import { BadSchema } from '../errors.ts'
import { hasTrickyNumber, type Json, type JsonNode, JsonSyntaxError, readJson, readTree, stableText } from './json.ts'

/** What decoding leaves of a text in another encoding. */
const NO_TEXT = /[\0\ufffd]/

/** A place in a text as editors count it: both from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/**
 * One schema file as it stands or stood somewhere. Positions are worked out when somebody asks, since most schemas are clean and
 * nobody does.
 */
export class Source {
  /** Relative to the folder the command runs in, with forward slashes. */
  readonly path: string
  readonly text: string
  #tree: JsonNode | undefined
  #content: string | undefined

  constructor(path: string, text: string) {
    this.path = path
    this.text = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  }

  /** The parsed text. It is not kept: the schema made of it is. Throws BadSchema with line and column when it is not JSON. */
  json(): Json {
    try {
      return readJson(this.text)
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error
      throw new BadSchema('NOT_JSON', `is not JSON: ${error.message}.`, {
        path: this.path,
        ...this.positionAt(error.offset),
        hint: NO_TEXT.test(this.text)
          ? 'It is not UTF-8 text: save it as UTF-8.'
          : 'An .avsc file is one JSON value: mend it, or leave the file out with "exclude" in the config.',
        cause: error,
      })
    }
  }

  /** The text without its layout: equal for texts that say the same in the same order. */
  get content(): string {
    this.#content ??= hasTrickyNumber(this.text) ? stableText(this.json()) : JSON.stringify(this.json())
    return this.#content
  }

  /** Where the value at a JSON pointer stands; the nearest enclosing value when there is none at the pointer itself. */
  positionOf(pointer: string): Position {
    return this.positionAt(this.#nodeAt(pointer).start)
  }

  /** An error about the value at a JSON pointer. */
  error(code: string, message: string, pointer: string, hint?: string): BadSchema {
    return new BadSchema(code, message, {
      path: this.path,
      ...this.positionOf(pointer),
      ...(hint === undefined ? {} : { hint }),
    })
  }

  #nodeAt(pointer: string): JsonNode {
    this.#tree ??= readTree(this.text)
    let node = this.#tree
    for (const token of pointer.split('/').slice(1)) {
      const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
      const next = node.members?.get(key) ?? node.items?.[Number(key)]
      if (next === undefined) break
      node = next
    }
    return node
  }

  positionAt(offset: number): Position {
    const before = this.text.slice(0, offset)
    const lineStart = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1
    const line = before.split(/\r\n|\r|\n/).length
    return { line, column: offset - lineStart + 1 }
  }
}
