import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const SOURCES = fileURLToPath(new URL('../web/', import.meta.url))
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** Beside the page's own folder: what it takes from elsewhere in the repository. */
const SHARED = ['analytics/panels', 'pipelines/kernel/money.ts', 'package-lock.json']

/** A file of the page, ready to be sent. */
export interface PageFile {
  readonly body: Buffer
  readonly gzip: Buffer
  readonly br: Buffer
}

/** The page's files by name. `main`, `style` and `theme` are the names that the document asks for. */
export interface Bundle {
  readonly files: ReadonlyMap<string, PageFile>
  readonly main: string
  readonly style: string
  readonly theme: string
  readonly icon: string
}

/**
 * Bundles the page from its TypeScript, once per content: the result is kept in a folder named after the hash of all sources and the lock file, so a later
 * start reads it, and an image that was built with it needs no bundler. The bundler is WebAssembly: no binary per platform, no install script, the same bytes
 * everywhere. Where the folder cannot be written, each start bundles anew.
 */
export async function loadBundle(cacheFolder: string): Promise<Bundle> {
  const folder = join(cacheFolder, await contentKey())
  const kept = await readFolder(folder)
  if (kept) return kept
  const files = await build()
  await keep(files, folder).catch(() => undefined)
  return toBundle(files)
}

async function contentKey(): Promise<string> {
  const hash = createHash('sha256')
  for (const path of [SOURCES, ...SHARED.map((name) => join(ROOT, name))]) {
    for (const file of await filesBelow(path))
      hash
        .update(file.slice(ROOT.length))
        .update('\0')
        .update(await readFile(file))
        .update('\0')
  }
  return hash.digest('hex').slice(0, 20)
}

async function filesBelow(path: string): Promise<string[]> {
  if (/\.\w+$/.test(basename(path))) return [path]
  const entries = await readdir(path, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** The files by name, not compressed. Names hold a hash of the content, so browsers may keep them for ever. */
async function build(): Promise<Map<string, Buffer>> {
  const { build: esbuild, stop } = await import('esbuild-wasm')
  try {
    const { outputFiles } = await esbuild({
      absWorkingDir: ROOT,
      entryPoints: {
        main: `${SOURCES}main.tsx`,
        style: `${SOURCES}style/main.css`,
        theme: `${SOURCES}theme-first.ts`,
        icon: `${SOURCES}icon.svg`,
      },
      entryNames: '[name]-[hash]',
      chunkNames: '[name]-[hash]',
      assetNames: '[name]-[hash]',
      outdir: '/page',
      loader: { '.svg': 'copy' },
      bundle: true,
      splitting: true,
      format: 'esm',
      minify: true,
      write: false,
      target: ['es2022', 'chrome111', 'firefox115', 'safari16.4'],
      jsx: 'automatic',
      jsxImportSource: 'preact',
      legalComments: 'none',
      logLevel: 'silent',
    })
    return new Map(outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]))
  } finally {
    await stop()
  }
}

async function keep(files: ReadonlyMap<string, Buffer>, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const unfinished = await mkdtemp(`${folder}.`)
  try {
    for (const [name, body] of files) await writeFile(join(unfinished, name), body)
    // Of two starts at once one wins, whole: a folder that is there is not replaced.
    await rename(unfinished, folder)
  } catch {
    await rm(unfinished, { recursive: true, force: true })
  }
}

async function readFolder(folder: string): Promise<Bundle | undefined> {
  const names = await readdir(folder).catch(() => [])
  if (names.length === 0) return undefined
  return await toBundle(
    new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const))),
  )
}

async function toBundle(files: ReadonlyMap<string, Buffer>): Promise<Bundle> {
  const ready = await Promise.all([...files].map(async ([name, body]) => [name, await compressed(body)] as const))
  const named = (prefix: string, extension: string) =>
    [...files.keys()].find((name) => name.startsWith(`${prefix}-`) && name.endsWith(extension)) ?? ''
  return {
    files: new Map(ready),
    main: named('main', '.js'),
    style: named('style', '.css'),
    theme: named('theme', '.js'),
    icon: named('icon', '.svg'),
  }
}

async function compressed(body: Buffer): Promise<PageFile> {
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }
  const [zipped, br] = await Promise.all([
    promisify(gzip)(body, { level: 9 }),
    promisify(brotliCompress)(body, quality),
  ])
  return { body, gzip: zipped, br }
}
