import { Command } from 'commander'
import { BadUsage } from '../errors.ts'
import { RULES, type Rule, ruleOf } from '../rules/catalogue.ts'
import { guarded, type Outside } from './outside.ts'

const WIDTH = 100

export function explainCommand(outside: Outside): Command {
  return new Command('explain')
    .description('Tells what a rule means, whom it breaks and how to fix it. Without a rule, lists all.')
    .argument('[rule]', 'id of the rule, as findings name it')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      `\nExamples:\n  $ ${outside.program} explain DECIMAL_SCALE_CHANGED\n  $ ${outside.program} explain`,
    )
    .action((id: string | undefined, { json }: { json?: boolean }, command: Command) =>
      guarded(outside, command, () => {
        const rule = id === undefined ? undefined : ruleOf(id)
        if (id !== undefined && rule === undefined) {
          const like = RULES.filter((each) =>
            id
              .toUpperCase()
              .split('_')
              .some((word) => word.length > 2 && each.id.includes(word)),
          )
          const known = (like.length > 0 ? like : RULES).map((each) => each.id).join(', ')
          throw new BadUsage('NO_RULE', `there is no rule ${id}.`, { hint: `Did you mean one of ${known}?` })
        }
        if (json === true) outside.out(`${JSON.stringify(rule ?? RULES, null, 2)}\n`)
        else outside.out(rule === undefined ? listOf(RULES) : explanation(rule))
      }),
    )
}

function listOf(rules: readonly Rule[]): string {
  const width = Math.max(...rules.map(({ id }) => id.length))
  return rules.map(({ id, level, title }) => `${id.padEnd(width)}  ${level.padEnd(7)}  ${title}\n`).join('')
}

function explanation({ id, level, title, means, breaks, fix, example }: Rule): string {
  const [before, after] = example
  const shown = after === undefined ? `  ${before}` : `  before  ${before}\n  after   ${after}`
  return `${id} (${level})\n${title}.\n\n${wrapped(means)}\n\nWho breaks: ${wrapped(breaks)}\n\nFix: ${wrapped(fix)}\n\nExample:\n${shown}\n`
}

function wrapped(text: string): string {
  return text
    .split(' ')
    .reduce<string[]>((lines, word) => {
      const last = lines.at(-1)
      if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`
      else lines.push(word)
      return lines
    }, [])
    .join('\n')
}
