import { join, resolve } from 'node:path'

/** The root of the clone. */
export const root: string = resolve(import.meta.dirname, '../..')

/** Everything the local stack keeps on disk: ignored by git, safe to delete while nothing runs. */
export const home: string = join(root, '.eshop')

/** Downloaded programs (Kafka's jars, the registry). */
export const libDirectory: string = join(home, 'lib')

/** The address everything listens on. Never another: the local stack has no passwords worth the name. */
export const LOOPBACK = '127.0.0.1'
