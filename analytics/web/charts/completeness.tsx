import type { PanelAnswer } from '../../panels/panel.ts'
import { columnsOf, recordOf, toNumber } from '../data/columns.ts'
import { formatNumber } from '../format/number.ts'
import { formatClock } from '../format/time.ts'

interface Topic {
  readonly topic: string
  readonly inKafka: number
  readonly stored: number
  readonly lag: number
  readonly missing: number
  readonly twice: number
  readonly dead: number
  readonly older: number
  readonly goneUnread: number
  readonly newestAt: string
}

function topicsOf(answer: PanelAnswer): readonly Topic[] {
  const columns = columnsOf(answer)
  return answer.rows.map((row) => {
    const of = recordOf(columns, row)
    const number = (name: string) => toNumber(of[name]) ?? 0
    return {
      topic: String(of.topic),
      inKafka: number('in_kafka'),
      stored: number('in_clickhouse'),
      lag: number('lag'),
      missing: number('missing'),
      twice: number('twice'),
      dead: number('dead_letters'),
      older: number('older'),
      goneUnread: number('gone_unread'),
      newestAt: String(of.newest_at ?? ''),
    }
  })
}

/** The strip: what Kafka holds against what the views show, as one verdict and topic by topic. */
export function Completeness({ answer }: { readonly answer: PanelAnswer }) {
  const topics = topicsOf(answer)
  const sum = (of: (topic: Topic) => number) => topics.reduce((total, topic) => total + of(topic), 0)
  const [missing, twice, lag, dead] = [
    sum((one) => one.missing),
    sum((one) => one.twice),
    sum((one) => one.lag),
    sum((one) => one.dead),
  ]
  const [older, goneUnread] = [sum((one) => one.older), sum((one) => one.goneUnread)]
  const most = Math.max(...topics.map(({ inKafka }) => inKafka), 1)
  const sound = missing === 0 && twice === 0
  return (
    <div class="completeness">
      <div class={`verdict ${sound ? 'sound' : 'broken'}`} role="status">
        <p class="word">
          <span aria-hidden="true">{sound ? '✓' : '✕'}</span>{' '}
          {sound ? 'Every event exactly once' : 'Not every event exactly once'}
        </p>
        <dl>
          <Count name="In Kafka" value={sum((one) => one.inKafka)} />
          <Count name="In ClickHouse" value={sum((one) => one.stored)} />
          <Count name="Missing" value={missing} bad={missing !== 0} zero />
          <Count name="Twice" value={twice} bad={twice !== 0} zero />
          <Count name="Not read yet" value={lag} />
          <Count name="Dead letters" value={dead} warn={dead > 0} />
          {older > 0 && <Count name="Older than Kafka holds" value={older} />}
        </dl>
      </div>
      {goneUnread > 0 && (
        <p class="gone-unread" role="alert">
          <strong>{formatNumber(goneUnread)} events are gone.</strong> Kafka dropped them before they were read:{' '}
          {topics
            .filter((one) => one.goneUnread > 0)
            .map((one) => `${one.topic} ${formatNumber(one.goneUnread)}`)
            .join(', ')}
          . Keep its topics for longer than analytics may be away.
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (axe: scrollable-region-focusable) */}
      <section class="scroll" tabIndex={0} aria-label="Topic by topic">
        <table class="strip">
          <thead>
            <tr>
              <th scope="col">Topic</th>
              <th scope="col" class="wide">
                Stored of what Kafka holds
              </th>
              <th scope="col" class="roomy">
                In Kafka
              </th>
              <th scope="col">Stored</th>
              <th scope="col">Missing</th>
              <th scope="col">Twice</th>
              <th scope="col">Lag</th>
              <th scope="col">Dead</th>
              <th scope="col" class="roomy">
                Newest
              </th>
            </tr>
          </thead>
          <tbody>
            {topics.map((one) => (
              <tr key={one.topic}>
                <th scope="row">{one.topic}</th>
                <td class="wide">
                  <span
                    class="track"
                    style={{ width: `${one.inKafka === 0 ? 0 : Math.max(1.5, (100 * one.inKafka) / most)}%` }}
                  >
                    <span
                      class={one.missing === 0 && one.twice === 0 ? 'bar' : 'bar bad'}
                      style={{
                        width: `${one.inKafka === 0 ? 0 : Math.min(100, (100 * (one.inKafka - one.lag)) / one.inKafka)}%`,
                      }}
                    />
                  </span>
                </td>
                <td class="roomy">{formatNumber(one.inKafka)}</td>
                <td>{formatNumber(one.stored)}</td>
                <td class={one.missing === 0 ? 'fine' : 'bad'}>{formatNumber(one.missing)}</td>
                <td class={one.twice === 0 ? 'fine' : 'bad'}>{formatNumber(one.twice)}</td>
                <td>{formatNumber(one.lag)}</td>
                <td>{formatNumber(one.dead)}</td>
                <td class="roomy">{one.stored === 0 ? '–' : formatClock(Date.parse(one.newestAt))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  )
}

function Count({
  name,
  value,
  bad,
  warn,
  zero,
}: {
  name: string
  value: number
  bad?: boolean
  warn?: boolean
  zero?: boolean
}) {
  return (
    <div class={bad ? 'bad' : warn ? 'warn' : zero ? 'fine' : ''}>
      <dt>{name}</dt>
      <dd>{formatNumber(value)}</dd>
    </div>
  )
}
