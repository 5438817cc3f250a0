/** A small schema with every doc, for tests that change one thing of it. */
export function order(fields: readonly object[] = [], more: object = {}): object {
  return {
    type: 'record',
    name: 'Order',
    namespace: 'shop',
    doc: 'An order.',
    ...more,
    fields: [{ name: 'orderId', type: 'string', doc: 'Its id.' }, ...fields],
  }
}

/** A field with a doc. */
export function field(name: string, type: unknown, more: object = {}): object {
  return { name, type, doc: `The ${name}.`, ...more }
}
