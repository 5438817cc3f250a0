import type { Rule } from './catalogue.ts'

/** About the check itself: exceptions that were written down and do not hold any more. */
export const RUN_RULES = [
  {
    id: 'SUPPRESSION_UNUSED',
    level: 'error',
    title: 'A suppression in the config suppresses nothing',
    means: 'No finding of this run has its rule and place. Left in the file it would hide a later, different break.',
    breaks: 'Nobody.',
    fix: 'Remove the entry.',
    example: ['{"rule": "TYPE_MISMATCH", "place": "shop.Order.total", "reason": "never published"}'],
  },
  {
    id: 'SUPPRESSION_EXPIRED',
    level: 'error',
    title: 'A suppression is past its date',
    means: 'The day in "expires" is over, so the entry does not count any more.',
    breaks: 'Nobody; what it hid is reported again.',
    fix: 'Mend what it hid, or renew the date with a reason.',
    example: ['{"rule": "DOC_MISSING", "place": "shop.**", "reason": "docs by summer", "expires": "2026-06-30"}'],
  },
] as const satisfies readonly Rule[]
