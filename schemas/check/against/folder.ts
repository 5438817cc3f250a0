import { statSync } from 'node:fs'
import { posix, relative, resolve, sep } from 'node:path'
import { Linker } from '../avro/link.ts'
import { CheckError, throwCollected } from '../errors.ts'
import { type LeaveOut, readSource, schemaFiles } from './schema-files.ts'
import { subjectName } from './subject-name.ts'
import { type Against, counted, type Gone, type Subject, type Version } from './version.ts'

export interface FolderOptions {
  readonly folder: string
  readonly cwd: string
  readonly paths: readonly string[]
  readonly subject: string
  readonly leaveOut?: LeaveOut
}

/** One older version of everything, as it lies in another folder. Files match by their place below it, else by their subject. */
export function againstFolder({ folder, cwd, paths, subject: template, leaveOut }: FolderOptions): Against {
  return {
    async load(subjects) {
      const root = resolve(cwd, folder)
      // A pattern on a file leaves out the older one too, which has the same place below its folder.
      const leavesOut: LeaveOut = (path) =>
        leaveOut !== undefined &&
        (leaveOut(path) || paths.some((each) => leaveOut(posix.join(each, placeBelow(root, resolve(cwd, path))))))
      const sources = schemaFiles([root], cwd, leavesOut).map((file) => readSource(file, cwd))
      const linker = new Linker(sources, { validateDefaults: false })
      const byPlace = new Map<string, Version>()
      const bySubject = new Map<string, Version>()
      const errors: CheckError[] = []
      for (const source of sources) {
        const linked = linker.tryLink(source)
        if (linked instanceof CheckError) {
          errors.push(linked)
          continue
        }
        const [version] = counted([{ origin: source.path, source, imports: linked.imports }])
        if (version === undefined) continue
        byPlace.set(placeBelow(root, resolve(cwd, source.path)), version)
        bySubject.set(subjectName(template, linked.parsed.root, source.path), version)
      }
      throwCollected(errors)
      const roots = paths.map((path) => rootOf(resolve(cwd, path)))
      const versions = new Map<Subject, readonly Version[]>()
      const used = new Set<Version>()
      for (const subject of subjects) {
        const file = resolve(cwd, subject.source.path)
        const places = roots.map((each) => byPlace.get(placeBelow(each, file)))
        const found = places.find((version) => version !== undefined) ?? bySubject.get(subject.name)
        if (found === undefined) continue
        used.add(found)
        versions.set(subject, [found])
      }
      const gone: Gone[] = [...bySubject]
        .filter(([, version]) => !used.has(version))
        .map(([name, version]) => ({ name, version }))
      return { where: folder, versions, gone }
    },
  }
}

function placeBelow(root: string, file: string): string {
  return relative(root, file).split(sep).join('/')
}

function rootOf(path: string): string {
  return statSync(path).isDirectory() ? path : resolve(path, '..')
}
