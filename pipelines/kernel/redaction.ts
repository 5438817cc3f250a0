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
 * How card numbers begin and how long they are (ISO/IEC 7812-1). Every tenth number of any kind has a right sum, so without this every
 * tenth time since 1970 and every tenth article number (GTIN) would be taken for a card.
 */
const ISSUED = [
  /^1\d{14}$/, // UATP
  /^2[2-7]\d{14}$/, // Mastercard, Mir
  /^3(0|5|6|8|9)\d{12,17}$/, // Diners, JCB
  /^3[47]\d{13}$/, // American Express
  /^4(\d{12}|\d{15}|\d{17,18})$/, // Visa
  /^5[0-8]\d{14,17}$/, // Mastercard, Maestro
  /^6\d{15,18}$/, // Discover, UnionPay, Maestro, RuPay
  /^8[12]\d{14}$/, // RuPay
  /^9792\d{12}$/, // Troy
]

/** A GTIN-13 (EAN) with a right check digit: 40 to 44 is German, and no Visa number of 13 digits has been issued for decades. */
function isArticleNumber(digits: string): boolean {
  if (digits.length !== 13) return false
  const sum = [...digits].reduce((total, digit, place) => total + Number(digit) * (place % 2 === 0 ? 1 : 3), 0)
  return sum % 10 === 0
}

function isCardNumber(run: string): boolean {
  const digits = run.replace(/\D/g, '')
  return ISSUED.some((form) => form.test(digits)) && passesLuhn(digits) && !isArticleNumber(digits)
}

/** Whether the text holds something that looks like a card number: 13 to 19 digits, spaced or dashed, that an issuer may have given out. */
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
