/** What never may be written anywhere: the last gate behind the schemas and the request checks. */

const DIGIT_RUN = /(?<![0-9A-Za-z-])\d(?:[ -]?\d){12,18}(?![0-9A-Za-z-])/g

function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    let digit = digits.charCodeAt(digits.length - 1 - i) - 48
    if (i % 2 === 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2
    sum += digit
  }
  return sum % 10 === 0
}

/**
 * A time since 1970 in milli-, micro- or nanoseconds, as it begins until 2033. Every tenth of them has a right sum: such an idempotency
 * key would be refused, and a logged time blacked out. Cards that begin with 1 have 15 digits.
 */
const TIME = /^1(\d{12}|\d{15}|\d{18})$/

function isCardNumber(run: string): boolean {
  return !TIME.test(run) && passesLuhn(run.replace(/\D/g, ''))
}

/** Whether the text holds something that looks like a card number: 13 to 19 digits, spaced or dashed, with a right Luhn sum, and no time. */
export function holdsCardNumber(text: string): boolean {
  for (const [run] of text.matchAll(DIGIT_RUN)) if (isCardNumber(run)) return true
  return false
}

/** A number that stands bare in JSON: what takes its place must be quoted, or the line is no JSON any more. */
const BARE_NUMBER = /(?<=[:[,])\d{13,19}(?=[,}\]])/g

/** The text with card numbers, payment tokens and bearer tokens blacked out. JSON stays JSON. */
export function scrub(text: string): string {
  return text
    .replace(BARE_NUMBER, (run) => (isCardNumber(run) ? '"[card]"' : run))
    .replace(DIGIT_RUN, (run) => (isCardNumber(run) ? '[card]' : run))
    .replace(/\btok_[A-Za-z_]+\b/g, '[payment-token]')
    .replace(/\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, '[access-token]')
    .replace(/(:\/\/[^:/\s]+:)[^@\s]+@/g, '$1[secret]@')
}
