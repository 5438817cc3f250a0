import { basename, dirname } from 'node:path/posix'
import { isNamed, type Schema } from '../avro/schema.ts'

export const DEFAULT_SUBJECT = '{fullName}'
export const SUBJECT_PARTS = ['fullName', 'name', 'namespace', 'folder', 'file'] as const

/**
 * The subject of a schema: how the registry, the lock file and the findings call it. `{folder}` is the name of the folder the file lies in
 * and `{file}` that of the file without its ending; `{folder}-{fullName}` is the TopicRecordNameStrategy for a folder per topic.
 */
export function subjectName(template: string, root: Schema, path: string): string {
  const file = basename(path).replace(/\.avsc$/, '')
  const named = isNamed(root) ? root : { fullName: file, name: file, namespace: '' }
  const parts: Readonly<Record<string, string>> = {
    fullName: named.fullName,
    name: named.name,
    namespace: named.namespace,
    folder: basename(dirname(path)),
    file,
  }
  return template.replace(/\{(\w+)\}/g, (whole, part: string) => parts[part] ?? whole)
}
