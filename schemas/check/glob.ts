/**
 * A pattern over paths or dotted names: `*` is anything within one part, `**` anything, `?` one character. A pattern without any of them
 * also covers what lies below it: `shop.Order` covers `shop.Order.total`, `schemas/orders` covers its files.
 */
export function globMatcher(pattern: string): (text: string) => boolean {
  const source = pattern.replace(/\*\*\/?|[*?]|[^*?]+/g, (part) => {
    if (part.startsWith('**')) return '.*'
    if (part === '*') return '[^/.]*'
    if (part === '?') return '[^/.]'
    return part.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  })
  const expression = new RegExp(`^${source}(?:$|[./[{])`)
  return (text) => expression.test(text)
}
