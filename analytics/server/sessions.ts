import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import type { Engine, Kept, Runner } from './engine.ts'
import { quote, quoteName } from './engine.ts'
import { ServerError } from './errors.ts'

/** `session_id` of a request, with what goes with it. */
export interface SessionCall {
  /** Unique among all users: two of them never meet in one session. */
  readonly key: string
  /** How long it is kept without a request. */
  readonly timeoutMs: number
  /** `session_check=1`: it must be there already. */
  readonly mustExist: boolean
}

export interface Sessions extends Closable {
  /**
   * Runs the work on the session's connection, made if it is not there. `names` are settings that the work changes for itself alone;
   * `answered` tells whether its client has its answer and may rightly send the next request.
   * @throws ServerError `SESSION_NOT_FOUND`, `SESSION_IS_LOCKED` while another request uses it
   */
  use(call: SessionCall, turn: SessionTurn): Promise<void>
}

export interface SessionTurn {
  readonly names: readonly string[]
  answered(): boolean
  work(runner: Runner): Promise<void>
}

/** More are not kept: the one that was idle longest makes room. */
const MOST = 200

interface Session {
  readonly kept: Kept
  /** Who has it now. */
  current: { readonly answered: () => boolean; readonly over: Promise<void> } | undefined
  timer: NodeJS.Timeout | undefined
}

export function createSessions(engine: Engine): Sessions {
  const sessions = new Map<string, Session>()

  function end(key: string, session: Session) {
    clearTimeout(session.timer)
    sessions.delete(key)
    void session.kept.close()
  }

  async function find({ key, mustExist }: SessionCall): Promise<Session> {
    for (;;) {
      const there = sessions.get(key)
      if (there && !there.current) return there
      if (there?.current?.answered()) {
        await there.current.over // it only tidies up
        continue
      }
      if (there)
        throw new ServerError(
          373,
          'SESSION_IS_LOCKED',
          'Session is locked by a concurrent client: send one request at a time in it',
        )
      if (mustExist)
        throw new ServerError(372, 'SESSION_NOT_FOUND', 'Session not found: it was never there, or its time is over')
      const made: Session = { kept: engine.keep(), current: undefined, timer: undefined }
      sessions.set(key, made)
      const [idle] = [...sessions].filter(([other, { current }]) => !current && other !== key)
      if (sessions.size > MOST && idle) end(...idle)
      return made
    }
  }

  return {
    async use(call, { names, answered, work }) {
      const session = await find(call)
      const { promise: over, resolve } = Promise.withResolvers<void>()
      session.current = { answered, over }
      clearTimeout(session.timer)
      try {
        const before = await settingsOf(session.kept, names)
        try {
          await work(session.kept)
        } finally {
          await session.kept.run({ prelude: '', sql: before, format: 'Null' })
        }
      } finally {
        session.current = undefined
        // To the end: the first of the map is the one that was idle longest.
        sessions.delete(call.key)
        sessions.set(call.key, session)
        session.timer = setTimeout(() => end(call.key, session), call.timeoutMs)
        session.timer.unref()
        resolve()
      }
    },
    async close() {
      for (const [key, session] of sessions) end(key, session)
    },
  }
}

/** The statement that gives the settings the values they have now. Those of a request end with it; those of SET stay. */
async function settingsOf(runner: Runner, names: readonly string[]): Promise<string> {
  const { bytes } = await runner.run({
    prelude: '',
    sql: `SELECT name, value, changed FROM system.settings WHERE name IN (${['readonly', ...names].map(quote).join(', ')})`,
    format: 'JSONCompactEachRow',
  })
  const rows = bytes.toString().split('\n').filter(Boolean)
  const pairs = rows.map((row) => {
    const [name, value, changed] = JSON.parse(row) as [string, string, number]
    return `${quoteName(name)} = ${changed ? quote(value) : 'DEFAULT'}`
  })
  return `SET ${pairs.join(', ')}`
}
