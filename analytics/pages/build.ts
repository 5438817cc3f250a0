/** `node analytics/pages/build.ts`: bundles the page now, so that analytics finds it at its start. For images. */
import { join } from 'node:path'
import { home } from '#pipelines/local/paths.ts'
import { loadBundle } from './bundle.ts'

const { files } = await loadBundle(process.env.PAGE_CACHE_DIR ?? join(home, 'page'))
for (const [name, { body, gzip }] of files) console.log(`${name}  ${body.length} bytes, ${gzip.length} compressed`)
