import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the clone. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** What is fetched and made on this machine. */
export const home = join(root, '.eshop')
