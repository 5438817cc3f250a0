import kafkajs from 'kafkajs'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { decompressed } from './fetch/compression.ts'

const { CompressionCodecs, CompressionTypes } = kafkajs

/** kafkajs comes with gzip alone, and stops at a batch of any other: the three that are missing, for reading. */
export function addCompressions(): void {
  for (const type of [CompressionTypes.Snappy, CompressionTypes.LZ4, CompressionTypes.ZSTD] as const)
    CompressionCodecs[type] = () => ({
      async compress() {
        throw new CodedError('NOT_WRITTEN', 'analytics reads topics, and writes none')
      },
      decompress: async (bytes: Buffer) => decompressed(type, bytes),
    })
}
