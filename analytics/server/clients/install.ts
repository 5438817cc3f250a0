import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '#pipelines/kernel/errors.ts'
import { libDirectory } from '#pipelines/local/paths.ts'
import { withLock } from '#pipelines/local/process/lock.ts'
import { run } from '#pipelines/local/process/run.ts'

/** A client's folder, or why it is not there. */
export type Installed = { readonly folder: string } | { readonly missing: string }

/** Python with clickhouse-connect, from PyPI into a folder of its own below `.eshop`. */
export const pythonClient = (): Promise<Installed> =>
  installed('python', 'requirements.txt', async (folder, file) => {
    await run('python3', ['-m', 'venv', folder])
    await run(join(folder, 'bin/python'), [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      file,
    ])
  })

/** ClickHouse's JDBC driver, from Maven Central. */
export const jdbcClient = (): Promise<Installed> =>
  installed('jdbc', 'pom.xml', async (folder, file) => {
    await run('mvn', [
      '-B',
      '-q',
      '-f',
      file,
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${folder}`,
    ])
  })

/** Once per content of the file that names the packages. What is not there in the end is said, not thrown: other tests need neither. */
async function installed(
  name: string,
  fileName: string,
  install: (folder: string, file: string) => Promise<void>,
): Promise<Installed> {
  const file = join(import.meta.dirname, fileName)
  const hash = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
    .slice(0, 12)
  const folder = join(libDirectory, `client-${name}-${hash}`)
  const done = join(folder, '.done')
  if (existsSync(done)) return { folder }
  await mkdir(libDirectory, { recursive: true })
  try {
    await withLock(join(libDirectory, `client-${name}.lock`), async () => {
      if (existsSync(done)) return
      await rm(folder, { recursive: true, force: true })
      await install(folder, file) // a venv knows its own path, so it is made in place and marked when it is whole
      await mkdir(`${done}.new`)
      await rename(`${done}.new`, done)
    })
    return { folder }
  } catch (error) {
    return { missing: messageOf(error).split('\n').slice(0, 2).join(': ') }
  }
}
