import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { libDirectory, root } from '../paths.ts'
import { withLock } from '../process/lock.ts'
import { run } from '../process/run.ts'

export interface JavaParts {
  /** Directory with Kafka's jars. */
  readonly kafka: string
  /** Directory with the registry's runner jar. */
  readonly registry: string
}

/** What the download says about itself while it runs. */
export interface DownloadProgress {
  readonly files: number
  readonly bytes: number
  readonly elapsedMs: number
}

/** Whether everything is there already. */
export async function haveJavaParts(): Promise<boolean> {
  return existsSync((await locate()).directory)
}

/**
 * Kafka and the registry in `.eshop/lib`, brought by Maven when `pom.xml` asks for something else than what is there. Concurrent
 * callers wait for the first; a killed download leaves nothing that looks finished.
 */
export async function javaParts(onProgress?: (progress: DownloadProgress) => void): Promise<JavaParts> {
  const { pom, directory } = await locate()
  const parts = { kafka: join(directory, 'kafka'), registry: join(directory, 'registry') }
  if (existsSync(directory)) return parts
  await mkdir(libDirectory, { recursive: true })
  await withLock(join(libDirectory, 'java.lock'), async () => {
    if (existsSync(directory)) return
    const unfinished = `${directory}.unfinished`
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(unfinished, { recursive: true })
    await download(pom, unfinished, onProgress)
    await writeFile(
      join(unfinished, 'README'),
      'Made by Maven from pom.xml; delete this directory to fetch it again.\n',
    )
    await removeOthers(directory)
    await rename(unfinished, directory)
  })
  return parts
}

/** The directory is named after what pom.xml says, so a changed one is fetched again. */
async function locate() {
  const pom = join(root, 'pom.xml')
  const hash = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
  return { pom, directory: join(libDirectory, `java-${hash.slice(0, 12)}`) }
}

async function download(pom: string, target: string, onProgress?: (progress: DownloadProgress) => void) {
  const start = Date.now()
  let files = 0
  let bytes = 0
  onProgress?.({ files, bytes, elapsedMs: 0 })
  await run('mvn', ['-B', '-f', pom, 'package', `-DlibDirectory=${target}`], {
    cwd: root,
    onLine(line) {
      const size = /Downloaded .*\(([\d.]+) ([kMG]?B)/.exec(line)
      if (size === null) return
      files++
      bytes += Number(size[1]) * ({ B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }[size[2] ?? 'B'] ?? 1)
      onProgress?.({ files, bytes, elapsedMs: Date.now() - start })
    },
  })
}

/** Removes what an older `pom.xml` brought. */
async function removeOthers(keep: string) {
  for (const name of await readdir(libDirectory)) {
    const path = join(libDirectory, name)
    if (name.startsWith('java-') && path !== keep && !name.endsWith('.unfinished'))
      await rm(path, { recursive: true, force: true })
  }
}
