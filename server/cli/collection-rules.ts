import { type Command, Option } from 'commander';
import { z } from 'zod';
import {
  CollectionDetail,
  PreviewView,
  QueryFieldView,
  type RuleWish,
} from '../http/api-collections.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';

const ARCHITECTURES = ['x64', 'x86', 'arm64'] as const;

const RuleOptions = z.object({
  query: z.array(z.string()).default([]),
  named: z.string().optional(),
  include: z.array(z.string()).default([]),
  exclude: z.array(z.string()).default([]),
  device: z.array(z.string()).default([]),
  unknown: z.array(z.enum(ARCHITECTURES)).default([]),
});

/** Adds the options that name rules of a collection. */
export function withRuleOptions(command: Command, what: 'add' | 'remove'): Command {
  const more = (value: string, before: readonly string[] = []) => [...before, value];
  const isAdd = what === 'add';
  const options = command
    .option(
      isAdd ? '--query <query>' : '--query <name>',
      isAdd ? 'a query: devices that fit are members' : 'the query of that name',
      more,
    )
    .option('--include <collection>', 'members of another collection', more)
    .option('--exclude <collection>', 'members of another collection never', more)
    .option('--device <device>', 'one device (name, serial number, MAC address or id)', more)
    .addOption(
      new Option(
        '--unknown <architecture>',
        'approved unknown machines of an architecture, as the record "x64 Unknown Computer"',
      ).argParser((value: string, before: readonly string[] | undefined) => [
        ...(before ?? []),
        z.enum(ARCHITECTURES).parse(value),
      ]),
    );
  return isAdd ? options.option('--named <name>', 'name of the query') : options;
}

/** The rules that `withRuleOptions` read. */
export function ruleWishes(rawOptions: unknown): RuleWish[] {
  const { query, named, include, exclude, device, unknown } = RuleOptions.parse(rawOptions);
  if (named !== undefined && query.length !== 1)
    throw new CliError('cli.usage', '--named names one query', { exitCode: 2 });
  return [
    ...query.map((text) => ({
      kind: 'query' as const,
      query: text,
      ...(named === undefined ? {} : { name: named }),
    })),
    ...include.map((collection) => ({ kind: 'include' as const, collection })),
    ...exclude.map((collection) => ({ kind: 'exclude' as const, collection })),
    ...device.map((name) => ({ kind: 'direct' as const, device: name })),
    ...unknown.map((architecture) => ({ kind: 'unknown-computer' as const, architecture })),
  ];
}

/** `metalwright collection rule add|remove`, `collection preview|fields`. */
export function collectionRuleCommands(collection: Command, terminal: Terminal): void {
  const rule = collection.command('rule').description('what makes devices members');
  for (const what of ['add', 'remove'] as const)
    withServerOptions(
      withRuleOptions(
        rule
          .command(what)
          .argument('<collection>', 'name or id')
          .description(what === 'add' ? 'add rules to a collection' : 'take rules away'),
        what,
      ),
    ).action(async (name: string, options: unknown) => {
      const rules = ruleWishes(options);
      if (rules.length === 0)
        throw new CliError('cli.usage', `which rules to ${what}?`, {
          hint: 'name some by --query, --include, --exclude, --device or --unknown',
          exitCode: 2,
        });
      const json = what === 'add' ? { add: rules } : { remove: rules.map(nameOf) };
      const changed = await withApi(terminal, options, (api) =>
        api.call('POST', `/collections/${encodeURIComponent(name)}/rules`, CollectionDetail, {
          json,
        }),
      );
      terminal.out(`${memberSentence(changed)}\n`);
    });

  withServerOptions(
    withRuleOptions(
      collection
        .command('preview')
        .description('who would be a member by these rules; nothing is kept'),
      'add',
    )
      .option('--limit <name>', 'only members of this collection (default: All Systems)')
      .option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const { limit } = z.object({ limit: z.string().optional() }).parse(options);
    const json = {
      rules: ruleWishes(options),
      ...(limit === undefined ? {} : { limitingCollection: limit }),
    };
    const found = await withApi(terminal, options, (api) =>
      api.call('POST', '/collections/preview', PreviewView, { json }),
    );
    if (wantsJson(options)) return terminal.out(`${JSON.stringify(found, null, 2)}\n`);
    const { members, memberCount } = found;
    writeList(terminal, members, {
      json: false,
      empty: 'no device fits',
      columns: [
        { title: 'NAME', value: (row) => row.name },
        { title: 'STATE', value: (row) => row.state },
        { title: 'ID', value: (row) => row.id },
      ],
    });
    if (memberCount > members.length)
      terminal.out(`and ${memberCount - members.length} more, ${memberCount} in all\n`);
  });

  withServerOptions(
    collection
      .command('fields')
      .description('what queries can ask of devices')
      .option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const fields = await withApi(terminal, options, (api) =>
      api.call('GET', '/query/fields', z.array(QueryFieldView)),
    );
    writeList(terminal, fields, {
      json: wantsJson(options),
      empty: '',
      columns: [
        { title: 'FIELD', value: (row) => row.name },
        { title: 'ALSO', value: (row) => row.aliases.join(', ') },
        { title: 'TYPE', value: (row) => (row.list ? `${row.type}, several` : row.type) },
        { title: 'WHAT', value: (row) => row.doc },
      ],
    });
  });
}

/** How many members a collection has, as one sentence. */
export function memberSentence({
  name,
  memberCount,
  pending,
}: Pick<CollectionDetail, 'name' | 'memberCount' | 'pending'>): string {
  const count = `"${name}" has ${memberCount} ${memberCount === 1 ? 'member' : 'members'} now`;
  return pending ? `${count}; not all devices are evaluated yet` : count;
}

function nameOf(rule: RuleWish): { readonly kind: RuleWish['kind']; readonly name: string } {
  switch (rule.kind) {
    case 'query':
      return { kind: rule.kind, name: rule.query };
    case 'include':
    case 'exclude':
      return { kind: rule.kind, name: rule.collection };
    case 'unknown-computer':
      return { kind: rule.kind, name: rule.architecture };
    case 'direct':
      return { kind: rule.kind, name: rule.device };
  }
}
