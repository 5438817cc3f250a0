import { statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { javaCommand } from '../parts/java.ts'
import { isFree } from '../ports.ts'
import { run } from '../process/run.ts'
import { type PortName, variableOf } from '../settings.ts'

/** One thing that was looked at. A finding names the problem and the fix. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
  /** What to do, when it is not ok. */
  readonly fix?: string
}

const OLDEST_JAVA = 17
const LEAST_DISK_BYTES = 2e9
const LEAST_MEMORY_BYTES = 3e9

export async function checkJava(): Promise<Check> {
  const fix = `install a Java runtime, version ${OLDEST_JAVA} or newer (Debian, Ubuntu: apt install openjdk-17-jre-headless; macOS: brew install openjdk@17), or set JAVA_HOME`
  const name = 'Java'
  const output = await run(javaCommand(), ['-version'], { mergeStderr: true }).catch(() => undefined)
  if (output === undefined) return { name, ok: false, detail: 'Java is missing: Kafka and the registry run on it', fix }
  const version = /version "([^"]+)"/.exec(output)?.[1] ?? 'unknown'
  const major = Number(version.replace(/^1\./, '').split(/[.+-]/)[0])
  if (major >= OLDEST_JAVA) return { name, ok: true, detail: version }
  return { name, ok: false, detail: `Java ${version} is too old`, fix }
}

export async function checkMaven(): Promise<Check> {
  const name = 'Maven'
  try {
    const output = await run('mvn', ['-version'])
    return { name, ok: true, detail: /Apache Maven ([\d.]+)/.exec(output)?.[1] ?? 'present' }
  } catch {
    const detail = 'Maven (mvn) is missing or cannot be run: it brings Kafka and the registry'
    return { name, ok: false, detail, fix: 'install it (Debian, Ubuntu: apt install maven; macOS: brew install maven)' }
  }
}

export async function checkDisk(folder: string): Promise<Check> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const detail = `${(free / 1e9).toFixed(1)} GB free at ${folder}`
  const fix = `free some space, ${LEAST_DISK_BYTES / 1e9} GB are needed, or set ESHOP_HOME to a folder on a larger disk`
  return { name: 'Disk', ok: free >= LEAST_DISK_BYTES, detail, fix }
}

export function checkMemory(): Check {
  const detail = `${(totalmem() / 1e9).toFixed(1)} GB in all`
  const fix = `the whole stack takes about 2.5 GB: give this machine at least ${LEAST_MEMORY_BYTES / 1e9} GB`
  return { name: 'Memory', ok: totalmem() >= LEAST_MEMORY_BYTES, detail, fix }
}

/** One check for each port that the stack listens on. */
export async function checkPorts(
  ports: Readonly<Record<PortName, number>>,
  without: readonly string[] = [],
): Promise<Check[]> {
  const names = (Object.keys(ports) as PortName[]).filter((name) => !without.includes(name))
  return await Promise.all(
    names.map(async (name) => {
      const number = ports[name]
      const variable = variableOf(name)
      const twin = names.find((other) => other !== name && ports[other] === number)
      const taken = twin ? `is also the port of ${twin}` : 'is taken by another program'
      const ok = !twin && (await isFree(number))
      return {
        name: `Port ${number}`,
        ok,
        detail: ok ? `free, for ${name}` : `port ${number}, needed by ${name}, ${taken}`,
        fix: `stop that program, or choose another port: ${variable}=${elsewhere(number)} npm start`,
      }
    }),
  )
}

function elsewhere(port: number): number {
  return port + 10_000 > 65_535 ? port - 10_000 : port + 10_000
}
