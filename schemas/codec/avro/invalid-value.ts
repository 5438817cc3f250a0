import { CodedError } from '#pipelines/kernel/errors.ts'

/** Thrown while writing, where neither event nor path is known; the encoder finds both and throws `DoesNotFit`. */
export class InvalidValue extends CodedError {
  constructor() {
    super('VALUE_INVALID', 'a value does not fit its Avro type')
  }
}
