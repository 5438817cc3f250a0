import avsc from 'avsc'

type Options = Parameters<avsc.Type['createResolver']>[1] & { registry?: Record<string, unknown> }

/**
 * Records that forget what did not resolve. avsc keeps the half-made resolver of a pair that failed, as a branch of a union may, and hands it
 * out when the pair is met again: the reader then fails on data it can read, with `typeResolver._read is not a function`.
 */
export class ResolvableRecordType extends avsc.types.RecordType {
  override createResolver(writer: avsc.Type, options: Options = {}): ReturnType<avsc.Type['createResolver']> {
    options.registry ??= {}
    const { registry } = options
    const known = new Set(Object.keys(registry))
    try {
      return super.createResolver(writer, options)
    } catch (error) {
      // With it go those that were made on the way: they may lead back to it.
      for (const pair of Object.keys(registry)) if (!known.has(pair)) delete registry[pair]
      throw error
    }
  }
}
