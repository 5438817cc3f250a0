/** avsc's cursor over bytes. It never fails: past the end it reads zeros, and whoever uses it asks afterwards where it stands. */
export interface Tap {
  buf: Buffer
  pos: number
  readLong(): number
  skipLong(): void
  writeLong(value: number): void
  readString(): string
  skipString(): void
  writeString(text: string): void
}

/** What every avsc type has inside and its declarations leave out. */
export interface Inner {
  _read(tap: Tap): unknown
  _skip(tap: Tap): void
}

export type ErrorHook = (value: unknown, type: object) => void
