/**
 * `node bin/launcher/run.js analytics/ingest/rdkafka/install.ts`: compiles node-rdkafka for this very Node into `.eshop/rdkafka/`, once, and keeps
 * what is needed to run it. Exit code 0 when it is there, 1 when it could not be built: then everything else works as before.
 */

import { existsSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf } from '#pipelines/kernel/errors.ts'
import { run } from '#pipelines/local/process/run.ts'
import { FOLDER, loadRdkafka, rdkafkaInstalled, VERSION } from './package.ts'

/** The headers of the Node that runs this: other ones would make a module that it does not load. */
function headers(): string | undefined {
  const bin = dirname(process.execPath)
  const fetched = join(bin, '..', 'node_modules', `node-${process.platform}-${process.arch}`)
  return [join(bin, '..'), fetched].find((folder) => existsSync(join(folder, 'include/node/node.h')))
}

/** 540 MB of sources and objects are needed no more: what stays is the module, librdkafka beside it, and the JavaScript. */
async function keepWhatRuns() {
  const module = join(FOLDER, 'node_modules/node-rdkafka')
  await prune(module, /^(build|lib|librdkafka\.js|package\.json|LICENSE\.txt)$/)
  await prune(join(module, 'build'), /^(Release|deps)$/)
  await prune(join(module, 'build/Release'), /\.node$/)
  await prune(join(module, 'build/deps'), /\.(so(\.\d+)?|\d*\.?dylib)$/)
}

async function prune(folder: string, keep: RegExp) {
  for (const name of await readdir(folder))
    if (!keep.test(name)) await rm(join(folder, name), { recursive: true, force: true })
}

async function install() {
  await rm(FOLDER, { recursive: true, force: true })
  await mkdir(FOLDER, { recursive: true })
  const manifest = { name: 'eshop-rdkafka', private: true, allowScripts: { 'node-rdkafka': true } }
  await writeFile(join(FOLDER, 'package.json'), JSON.stringify(manifest))
  const nodedir = headers()
  await run('npm', ['install', '--save-exact', '--no-audit', '--no-fund', `node-rdkafka@${VERSION}`], {
    cwd: FOLDER,
    env: {
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      // One after the other: its rules need librdkafka's config.h before the one that makes it has run.
      JOBS: '1',
      ...(nodedir && { npm_config_nodedir: nodedir }),
    },
  })
  await keepWhatRuns()
}

try {
  const began = Date.now()
  if (!rdkafkaInstalled()) await install()
  const took = Math.round((Date.now() - began) / 1000)
  process.stdout.write(
    `node-rdkafka ${VERSION} is in ${FOLDER} (${took} s); it has ${loadRdkafka().features.join(', ')}\n`,
  )
} catch (error) {
  await rm(FOLDER, { recursive: true, force: true })
  process.stderr.write(`node-rdkafka could not be built, its tests are skipped: ${messageOf(error)}\n`)
  process.exitCode = 1
}
