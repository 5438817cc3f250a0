import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { CheckError } from '../errors.ts'

const HERE = dirname(fileURLToPath(import.meta.url))
const TARGET = join(HERE, 'target')
const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
const CLASSPATH = `${TARGET}/classes:${TARGET}/lib/*`

/** What the Java reference says about a pair. */
export interface JavaAnswer {
  readonly verdict: 'COMPATIBLE' | 'INCOMPATIBLE' | 'UNPARSABLE' | 'THROWS'
  /** Type, location and message of each incompatibility. */
  readonly findings?: readonly (readonly [string, string, string])[]
  /** CRC-64-AVRO of the reader. */
  readonly fingerprint?: string
  /** Why a side does not parse. */
  readonly reader?: string
  readonly writer?: string
}

export type Pair = readonly [reader: string, writer: string]

/** Builds the oracle with Maven unless that is done. Takes half a minute the first time, since Maven fetches the jars. */
export function buildOracle(): void {
  const built = join(TARGET, 'classes/oracle/Oracle.class')
  const sources = ['Oracle', 'Recorder', 'Listening'].map((name) => join(HERE, `src/main/java/oracle/${name}.java`))
  const newest = Math.max(...[...sources, join(HERE, 'pom.xml')].map((path) => statSync(path).mtimeMs))
  if (existsSync(built) && existsSync(join(TARGET, 'lib')) && statSync(built).mtimeMs > newest) return
  const { status, stdout } = spawnSync('mvn', ['-q', '-B', '-f', join(HERE, 'pom.xml'), 'compile'], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new CheckError('ORACLE_BUILD', `Maven could not build the oracle: ${stdout}`)
}

/** The pairs that Apache Avro's own compatibility tests put to the reference. */
export function apachePairs(): readonly Pair[] {
  const run = spawnSync('java', [...JVM, '-Doracle.listen=true', '-cp', CLASSPATH, 'oracle.Recorder'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (run.status !== 0) throw new CheckError('ORACLE_RUN', `Apache's tests failed: ${run.stderr}`)
  return run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Pair)
    .filter(([first]) => first !== 'tests')
}

/** A running oracle. One pair per line each way, so many questions can be under way at once. */
export class JavaOracle implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #waiting: ((answer: JavaAnswer) => void)[] = []

  constructor() {
    this.#child = spawn('java', [...JVM, '-cp', CLASSPATH, 'oracle.Oracle'], { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#waiting.shift()?.(JSON.parse(line) as JavaAnswer)
    })
  }

  ask(pairs: readonly Pair[]): Promise<readonly JavaAnswer[]> {
    const answers = pairs.map(() => new Promise<JavaAnswer>((resolve) => this.#waiting.push(resolve)))
    this.#child.stdin.write(pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(''))
    return Promise.all(answers)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.stdin.end()
    await ended
  }
}
