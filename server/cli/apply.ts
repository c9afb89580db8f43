import type { Command } from 'commander';
import { z } from 'zod';
import { type Change, type Difference, nameOf, planChanges } from '../apply/plan.ts';
import { readWanted } from './apply-files.ts';
import { applyChanges, readState } from './apply-server.ts';
import { CliError } from './cli-error.ts';
import { withApi, withServerOptions } from './client-command.ts';
import { formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';

const Options = z.object({ folder: z.string(), json: z.boolean().default(false) });

/** `metalwright apply` and `metalwright diff`: task sequences, collections and deployments as files say. */
export function applyCommand(program: Command, terminal: Terminal): void {
  withServerOptions(
    program
      .command('diff')
      .requiredOption('-f, --folder <folder>', 'folder with YAML and JSON files')
      .option('--json', 'as JSON')
      .description('what apply would change; exit code 1 if it is something'),
  ).action(async (raw: unknown) => {
    const { folder, json } = Options.parse(raw);
    const { changes } = await plan(terminal, folder, raw);
    const different = changes.filter(({ action }) => action !== 'none');
    terminal.out(json ? `${JSON.stringify(toJson(changes), null, 2)}\n` : diffText(different));
    if (different.length > 0)
      throw new CliError('apply.different', `${different.length} of ${changes.length} differ`, {
        hint: `metalwright apply -f ${folder} makes the server what the files say`,
      });
  });

  withServerOptions(
    program
      .command('apply')
      .requiredOption('-f, --folder <folder>', 'folder with YAML and JSON files')
      .option('--json', 'as JSON')
      .description(
        'make task sequences, collections and deployments what the files of a folder say',
      ),
  ).action(async (raw: unknown) => {
    const { folder, json } = Options.parse(raw);
    const { changes } = await plan(terminal, folder, raw, true);
    terminal.out(json ? `${JSON.stringify(toJson(changes), null, 2)}\n` : summary(changes));
  });
}

/** Reads the files, holds them against the server, and does it where it is told to. */
async function plan(terminal: Terminal, folder: string, raw: unknown, isToDo = false) {
  const { wanted, problems } = await readWanted(folder);
  for (const { file, error } of problems)
    terminal.err(`${file}: ${error.message} [${error.code}]\n`);
  refuse(problems.length, folder);
  return await withApi(terminal, raw, async (api) => {
    const state = await readState(api, wanted);
    const planned = planChanges(wanted, state);
    for (const { file, message, hint, code } of planned.problems)
      terminal.err(`${file}: ${message} [${code}]\n    what to do: ${hint}\n`);
    refuse(planned.problems.length, folder);
    if (isToDo) await applyChanges(api, planned.changes, state);
    return planned;
  });
}

function refuse(problems: number, folder: string): void {
  if (problems === 0) return;
  throw new CliError('apply.refused', `nothing was changed: ${problems} things are wrong`, {
    where: folder,
    hint: 'Put right what is told above.',
  });
}

const kinds = {
  sequence: 'task sequence',
  collection: 'collection',
  deployment: 'deployment',
} as const;
const words = { create: 'new', change: 'changed', none: 'the same' } as const;

function summary(changes: readonly Change[]): string {
  const rows = changes.filter(({ action }) => action !== 'none');
  const columns = [
    { title: 'KIND', value: ({ wanted }: Change) => kinds[wanted.kind] },
    { title: 'NAME', value: ({ wanted }: Change) => nameOf(wanted) },
    { title: 'NOW', value: ({ action }: Change) => words[action] },
    { title: 'FILE', value: ({ wanted }: Change) => wanted.file },
  ];
  const same = changes.length - rows.length;
  const table = rows.length === 0 ? '' : formatTable(columns, rows);
  return `${table}${rows.length} of ${changes.length} applied, ${same} the same as before\n`;
}

function diffText(changes: readonly Change[]): string {
  return changes
    .map(({ wanted, action, differences }) =>
      [
        `${kinds[wanted.kind]} "${nameOf(wanted)}": ${words[action]} (${wanted.file})`,
        ...differences.flatMap(differenceLines),
        '',
      ].join('\n'),
    )
    .join('');
}

function differenceLines({ path, before, after }: Difference): string[] {
  return [
    `  ${path}`,
    ...(before === null ? [] : before.split('\n').map((line) => `    - ${line}`)),
    ...(after === null ? [] : after.split('\n').map((line) => `    + ${line}`)),
  ];
}

function toJson(changes: readonly Change[]) {
  return changes.map(({ wanted, action, differences }) => ({
    kind: wanted.kind,
    name: nameOf(wanted),
    file: wanted.file,
    action,
    differences,
  }));
}
