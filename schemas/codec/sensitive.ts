declare const brand: unique symbol

/**
 * A value that must not be shown: personal data, or what lets somebody pay. At run time it is the bare value, so it is encoded as
 * such; to the compiler it is nothing until {@link reveal} names the place that reads it.
 */
export interface Sensitive<T> {
  readonly [brand]: T
}

/** Marks a value as sensitive. */
export function sensitive<T extends string | number>(value: T): Sensitive<T> {
  return value as unknown as Sensitive<T>
}

/** Reads a sensitive value. Search for this name to see every place that does. */
export function reveal<T>(value: Sensitive<T>): T {
  return value as unknown as T
}
