import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import { NamingPreviewed, NamingView } from '../http/api-bench.ts';
import { scopeText } from '../inventory/device-scope.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { scopeOf, withScopeOptions } from './device-scope-options.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { parseCount } from './units.ts';

const RuleOptions = z.object({
  collection: z.string().optional(),
  letters: z.string().optional(),
  onCollision: z.string().optional(),
  at: z.number().optional(),
});

/** `metalwright naming list|add|remove|preview`. */
export function namingCommand(program: Command, terminal: Terminal): void {
  const naming = program
    .command('naming')
    .description('rules that name machines, so that nothing is typed at them');
  withServerOptions(
    naming.command('list').description('the rules, in their order').option('--json', 'as JSON'),
  ).action(async (raw: unknown) => {
    const { rules } = await withApi(terminal, raw, (api) => api.call('GET', '/naming', NamingView));
    writeRules(terminal, rules, wantsJson(raw));
  });

  withRuleOptions(
    naming
      .command('add')
      .argument('<pattern>', 'PC-{serial:last7}, {model:first4}-{mac:last6}, LAB-{counter:3}')
      .description('name machines by this pattern; the first rule that fits a machine names it')
      .addOption(
        new Option('--at <place>', 'place among the rules, 1 is the first').argParser(parseCount),
      ),
  ).action(async (pattern: string, raw: unknown) => {
    const { at } = RuleOptions.parse(raw);
    await withApi(terminal, raw, async (api) => {
      const { rules } = await api.call('GET', '/naming', NamingView);
      const next = rules.map(toSend);
      next.splice((at ?? next.length + 1) - 1, 0, ruleOf(pattern, raw));
      const json = { rules: next };
      const set = await api.call('PUT', '/naming', NamingView, { json });
      writeRules(terminal, set.rules, false);
    });
  });

  withServerOptions(
    naming
      .command('remove')
      .argument('<place>', 'place among the rules')
      .description('take a rule away'),
  ).action(async (text: string, raw: unknown) => {
    const place = parseCount(text);
    await withApi(terminal, raw, async (api) => {
      const { rules } = await api.call('GET', '/naming', NamingView);
      if (rules[place - 1] === undefined)
        throw new CliError('cli.unknown-name', `there is no rule ${place}`, {
          hint: `metalwright naming list shows ${rules.length}`,
        });
      const json = { rules: rules.toSpliced(place - 1, 1).map(toSend) };
      const set = await api.call('PUT', '/naming', NamingView, { json });
      writeRules(terminal, set.rules, false);
    });
  });

  withRuleOptions(
    naming
      .command('preview')
      .argument(
        '[devices...]',
        'id, serial number, MAC address or name; else all that have no name yet',
      )
      .description('show what machines would be named, by the rules or by a pattern to try')
      .option('--pattern <pattern>', 'this rule, in place of those that are set')
      .option('--json', 'as JSON'),
  ).action(async (devices: string[], raw: unknown) => {
    const { pattern } = z.object({ pattern: z.string().optional() }).parse(raw);
    const json = {
      ...(devices.length === 0 ? {} : { devices }),
      ...(pattern === undefined ? {} : { rules: [ruleOf(pattern, raw)] }),
    };
    const previewed = await withApi(terminal, raw, (api) =>
      api.call('POST', '/naming/preview', NamingPreviewed, { json }),
    );
    writeList(terminal, previewed, {
      json: wantsJson(raw),
      empty: 'every machine has a name',
      columns: [
        { title: 'NOW', value: ({ now }) => now },
        { title: 'NAME', value: ({ name }) => name ?? '' },
        { title: 'BY', value: ({ by }) => by ?? '' },
        { title: 'WHY NOT BEFORE', value: ({ reasons }) => reasons.join('; ') },
      ],
    });
  });
}

function withRuleOptions(command: Command): Command {
  return withScopeOptions(withServerOptions(command))
    .option('--collection <collection>', 'members of this collection')
    .addOption(
      new Option('--letters <letters>', 'letters of the name')
        .choices(['upper', 'lower', 'as-is'])
        .default('upper'),
    )
    .addOption(
      new Option(
        '--on-collision <what>',
        'a number behind a name that is taken, or none by this rule',
      )
        .choices(['suffix', 'refuse'])
        .default('suffix'),
    );
}

function ruleOf(pattern: string, raw: unknown): object {
  const { collection, letters, onCollision } = RuleOptions.parse(raw);
  return {
    pattern,
    letters,
    onCollision,
    scope: scopeOf(raw),
    ...(collection === undefined ? {} : { collection }),
  };
}

/** A rule as it is sent: without what only the server's answer has. */
function toSend(rule: z.output<typeof NamingView>['rules'][number]): object {
  const { pattern, letters, onCollision, scope, collection } = rule;
  return { pattern, letters, onCollision, scope, collection };
}

function writeRules(
  terminal: Terminal,
  rules: z.output<typeof NamingView>['rules'],
  json: boolean,
): void {
  const places = rules.map((rule, index) => ({ place: index + 1, ...rule }));
  writeList(terminal, places, {
    json,
    empty: "no rule names machines: metalwright naming add 'PC-{serial:last7}'",
    columns: [
      { title: 'PLACE', value: ({ place }) => String(place) },
      { title: 'PATTERN', value: ({ pattern }) => pattern },
      { title: 'LETTERS', value: ({ letters }) => letters },
      { title: 'WHEN TAKEN', value: ({ onCollision }) => onCollision },
      {
        title: 'COLLECTION',
        value: ({ collectionName, collection }) => collectionName ?? collection ?? '',
      },
      { title: 'FOR', value: ({ scope }) => scopeText(scope) || 'every machine' },
    ],
  });
}
