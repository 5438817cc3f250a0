import { UsageError } from '#pipelines/kernel/errors.ts'
import { bodyOf, detailOf, type OperatedShop, SERVICES, type ServiceName } from '../shop.ts'

/** A dead letter as a service shows it. */
export interface Letter {
  readonly id: string
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly key: string | null
  readonly eventType: string | null
  readonly event: Readonly<Record<string, unknown>> | null
  readonly code: string
  readonly reason: string
  readonly attempts: number
  readonly state: 'OPEN' | 'REPLAYED' | 'DISCARDED'
  readonly deadAt: string
}

export interface LetterDetail extends Letter {
  readonly recordedAt: string
  readonly eventId: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly stack: string | null
  readonly bytes: {
    readonly length: number
    readonly sha256: string
    readonly magicByte: number | null
    readonly schemaId: number | null
  } | null
  readonly decodeError: string | null
  readonly forgottenAt: string | null
  readonly actions: readonly {
    readonly action: string
    readonly by: string
    readonly outcome: string
    readonly reason: string | null
    readonly at: string
  }[]
}

/** Which letters, of which services. */
export interface Selection {
  readonly service?: ServiceName | undefined
  readonly state?: string | undefined
  readonly topic?: string | undefined
  readonly code?: string | undefined
}

export type Placed<T> = T & { readonly service: ServiceName }

const PAGE = 100

/** The newest letters of the chosen services, up to a limit of each. */
export async function listLetters(shop: OperatedShop, selection: Selection, limit: number): Promise<Placed<Letter>[]> {
  const { service, ...filter } = selection
  const found = await Promise.all(
    (service ? [service] : SERVICES).map(async (name) => {
      const letters: Placed<Letter>[] = []
      let cursor: string | null = null
      do {
        const query = new URLSearchParams({ limit: String(Math.min(PAGE, limit - letters.length)) })
        for (const [key, value] of Object.entries({ ...filter, cursor })) if (value) query.set(key, value)
        const call = { method: 'GET', path: `/v1/dead-letters?${query}` } as const
        const page = bodyOf(await shop.call<{ items: Letter[]; nextCursor: string | null }>(name, call))
        letters.push(...page.items.map((letter) => ({ ...letter, service: name })))
        cursor = page.nextCursor
      } while (cursor !== null && letters.length < limit)
      return letters
    }),
  )
  return found.flat().toSorted((a, b) => b.id.localeCompare(a.id))
}

/** Finds a letter in whichever service has it. @throws UsageError `DEAD_LETTER_UNKNOWN` */
export async function findLetter(shop: OperatedShop, id: string, service?: ServiceName): Promise<Placed<LetterDetail>> {
  if (!/^[0-9a-f-]{36}$/i.test(id))
    throw new UsageError('DEAD_LETTER_ID', `"${id}" is no id: \`eshop dlq list\` shows them`)
  for (const name of service ? [service] : SERVICES) {
    const answer = await shop.call<LetterDetail>(name, { method: 'GET', path: `/v1/dead-letters/${id}` })
    if (answer.status !== 404) return { ...bodyOf(answer), service: name }
  }
  throw new UsageError(
    'DEAD_LETTER_UNKNOWN',
    `${service ?? 'no service'} has ${service ? 'no ' : 'a '}dead letter ${id}`,
  )
}

/** What came of a replay or a discard. */
export interface Acted {
  readonly service: ServiceName
  readonly id: string
  readonly ok: boolean
  readonly changed: boolean
  readonly note: string
}

export async function act(
  shop: OperatedShop,
  { service, id }: Placed<Pick<Letter, 'id'>>,
  wish: { readonly action: 'replay' } | { readonly action: 'discard'; readonly reason: string },
): Promise<Acted> {
  const path = `/v1/dead-letters/${id}/${wish.action}`
  const body = wish.action === 'discard' ? { body: { reason: wish.reason } } : {}
  const answer = await shop.call<{ changed: boolean; note: string }>(service, { method: 'POST', path, ...body })
  if (answer.status >= 300) return { service, id, ok: false, changed: false, note: detailOf(answer) }
  return { service, id, ok: true, changed: answer.body.changed, note: answer.body.note }
}
