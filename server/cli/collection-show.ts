import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import {
  type CollectionDetail,
  CollectionDetail as Detail,
  MembersPage,
} from '../http/api-collections.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { memberSentence } from './collection-rules.ts';
import { formatTable, writeList } from './table.ts';
import type { Terminal } from './terminal.ts';

/** Members of a page of the API; more are asked for one page after the other. */
const PAGE = 1000;

/** `metalwright collection show|members`. */
export function collectionShowCommands(collection: Command, terminal: Terminal): void {
  withServerOptions(
    collection
      .command('show')
      .argument('<collection>', 'name or id')
      .description('a collection with its rules')
      .option('--json', 'as JSON'),
  ).action(async (name: string, options: unknown) => {
    const found = await withApi(terminal, options, (api) =>
      api.call('GET', `/collections/${encodeURIComponent(name)}`, Detail),
    );
    terminal.out(wantsJson(options) ? `${JSON.stringify(found, null, 2)}\n` : formatDetail(found));
  });

  withServerOptions(
    collection
      .command('members')
      .argument('<collection>', 'name or id')
      .description('members of a collection')
      .option('--max <number>', 'at most so many', parseCount)
      .option('--after <id>', 'only those with an id after this one')
      .option('--json', 'as JSON'),
  ).action(async (name: string, options: unknown) => {
    const { max, after } = z
      .object({ max: z.int().default(PAGE), after: z.string().default('') })
      .parse(options);
    const { members, next } = await withApi(terminal, options, async (api) => {
      const path = `/collections/${encodeURIComponent(name)}/members`;
      const all: MembersPage = { members: [], next: after };
      while (all.next !== null && all.members.length < max) {
        const limit = Math.min(PAGE, max - all.members.length);
        const query = `limit=${limit}&after=${encodeURIComponent(all.next)}`;
        const page = await api.call('GET', `${path}?${query}`, MembersPage);
        all.members.push(...page.members);
        all.next = page.next;
      }
      return all;
    });
    const isJson = wantsJson(options);
    writeList(terminal, members, {
      json: isJson,
      empty: 'no device is a member',
      columns: [
        { title: 'NAME', value: (row) => row.name },
        { title: 'STATE', value: (row) => row.state },
        { title: 'BY', value: (row) => (row.direct ? 'direct rule' : 'rule') },
        { title: 'ID', value: (row) => row.id },
      ],
    });
    if (next !== null && !isJson) terminal.out(`more with --after ${next}\n`);
  });
}

function formatDetail(found: CollectionDetail): string {
  const { id, kind, limitingCollection, rules, directRules, problem } = found;
  const head = [
    `${memberSentence(found)} (${id}, ${kind}s${limitingCollection === null ? ', built in' : `, limited by ${limitingCollection}`})`,
    ...(found.evaluatedMs === null
      ? []
      : [`evaluated ${new Date(found.evaluatedMs).toISOString()} in ${found.tookMs ?? 0} ms`]),
    ...(problem === null ? [] : [`problem: ${problem}`]),
    ...(directRules === 0 ? [] : [`${directRules} devices are named by direct rules`]),
  ].join('\n');
  const table = formatTable(
    [
      { title: 'RULE', value: (rule) => rule.kind },
      { title: 'NAME', value: (rule) => rule.name },
      { title: 'QUERY', value: (rule) => rule.query ?? '' },
    ],
    rules,
  );
  return `${head}\n${rules.length === 0 ? '' : table}`;
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('write a whole number from 1');
  return Number(text);
}
