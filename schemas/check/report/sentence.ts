import { type Finding, placeOf } from '../finding.ts'

/** `subject.field: what changed; who breaks. Fix: …` */
export function sentence(finding: Finding): string {
  return `${placeOf(finding)}: ${explanation(finding)}`
}

/** The sentence without the place. */
export function explanation({ message, breaks, fix, stoodIn }: Finding): string {
  const stood = stoodIn === undefined ? '' : ` (it stood here in ${stoodIn.version})`
  return `${message}${stood}${breaks === '' ? '' : `; ${breaks}`}.${fix === '' ? '' : ` Fix: ${fix}.`}`
}

/** `1 error`, `2 errors`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** One line, whatever a doc or a default brought in. */
export function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ')
}
