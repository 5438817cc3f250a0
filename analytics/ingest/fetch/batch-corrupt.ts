import { CodedError } from '#pipelines/kernel/errors.ts'

/** The log is damaged: what a broker sent is not what a producer wrote. */
export class BatchCorrupt extends CodedError {
  constructor(what: string, facts: Readonly<Record<string, unknown>> = {}) {
    super('BATCH_CORRUPT', `a record batch is damaged: ${what}`, { facts })
  }
}
