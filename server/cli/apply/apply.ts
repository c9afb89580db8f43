import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { FilePackageView } from '../../http/api-packages.ts';
import type { ApiClient } from '../api-client.ts';
import { CliError } from '../cli-error.ts';
import { withApi, withServerOptions } from '../client-command.ts';
import { formatTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { type Difference, key } from './difference.ts';
import type { KindRun, Planned, PlanProblem, Reference, SecretSource, Site } from './kind.ts';
import { openKinds } from './kinds.ts';
import { readFolder } from './read-folder.ts';

const Options = z.object({
  folder: z.string(),
  json: z.boolean().default(false),
  prune: z.boolean().default(false),
  yes: z.boolean().default(false),
  setSecrets: z.boolean().default(false),
});
type Options = z.infer<typeof Options>;

/** `metalwright apply` and `metalwright diff`: the objects of a site as files say. */
export function applyCommand(program: Command, terminal: Terminal): void {
  const common = (command: Command) =>
    withServerOptions(
      command
        .requiredOption('-f, --folder <folder>', 'folder with YAML and JSON files')
        .option('--prune', 'also take away what no file names, of the kinds that the folder has')
        .option('--set-secrets', 'set secret variables again, though they are there')
        .option('--json', 'as JSON'),
    );
  common(
    program.command('diff').description('what apply would change; exit code 1 if it is something'),
  ).action(async (raw: unknown) => {
    const options = Options.parse(raw);
    const { planned } = await withPlan(terminal, options, raw);
    const different = planned.filter(({ action }) => action !== 'none');
    terminal.out(
      options.json ? `${JSON.stringify(toJson(planned), null, 2)}\n` : diffText(different),
    );
    if (different.length > 0)
      throw new CliError('apply.different', `${different.length} of ${planned.length} differ`, {
        hint: `metalwright apply -f ${options.folder} makes the server what the files say`,
      });
  });

  common(
    program
      .command('apply')
      .option('--yes', 'take away without asking')
      .description('make the objects of a site what the files of a folder say'),
  ).action(async (raw: unknown) => {
    const options = Options.parse(raw);
    const { planned } = await withPlan(terminal, options, raw, async ({ kinds, site, goes }) => {
      await agree(terminal, options, goes);
      for (const kind of kinds) await kind.apply(site);
      // What refers to others goes before them.
      for (const kind of kinds.toReversed()) await kind.prune(site.api);
    });
    terminal.out(options.json ? `${JSON.stringify(toJson(planned), null, 2)}\n` : summary(planned));
  });
}

interface Plan {
  readonly kinds: readonly KindRun[];
  readonly site: Site;
  readonly planned: readonly Planned[];
  readonly goes: readonly Planned[];
}

/** Reads the files, holds them against the server, and does it where it is told to. */
async function withPlan(
  terminal: Terminal,
  { folder, prune, setSecrets }: Options,
  raw: unknown,
  act?: (plan: Plan) => Promise<void>,
): Promise<Plan> {
  const kinds = openKinds();
  const bad = await readFolder(folder, kinds);
  for (const { file, error } of bad) terminal.err(`${file}: ${error.message} [${error.code}]\n`);
  refuse(bad.length, folder);
  return await withApi(terminal, raw, async (api) => {
    const named = new Set(kinds.flatMap((kind) => kind.refersTo()));
    const needed = kinds.filter((kind) => kind.isUsed() || named.has(kind.kind));
    await Promise.all(needed.map((kind) => kind.load(api)));
    const packages = named.has('package') ? await packageNames(api) : new Set<string>();
    const site: Site = {
      api,
      setSecrets,
      has: (reference) => hasObject(kinds, packages, reference),
      secret: (source) => readSecret(source, folder, terminal.environment),
    };
    const planned: Planned[] = [];
    for (const kind of kinds) planned.push(...(await kind.plan(site, prune && kind.isUsed())));
    const tell = (problems: readonly PlanProblem[]) => {
      for (const { file, message, hint, code } of problems)
        terminal.err(`${file}: ${message} [${code}]\n    what to do: ${hint}\n`);
      refuse(problems.length, folder);
    };
    tell([...twiceNamed(planned), ...planned.flatMap((each) => each.problems)]);
    for (const kind of kinds) tell(await kind.refusals(site));
    const goes = planned.filter(({ action }) => action === 'remove');
    const plan = { kinds, site, planned, goes };
    await act?.(plan);
    return plan;
  });
}

/** Takes nothing away that nobody has seen. @throws {CliError} `apply.prune` */
async function agree(
  terminal: Terminal,
  options: Options,
  goes: readonly Planned[],
): Promise<void> {
  if (goes.length === 0 || options.yes) return;
  const list = goes.map(({ title, name }) => `${title} "${name}"`);
  using dialogue = terminal.dialogue?.();
  if (dialogue === undefined)
    throw new CliError('apply.prune', `nothing was changed: ${goes.length} would be taken away`, {
      hint: `${list.join(', ')}: say --yes if that is meant`,
    });
  for (const line of list) dialogue.say(`  ${line}\n`);
  const answer = await dialogue.ask(`take away these ${goes.length}? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new CliError('apply.prune', 'nothing was changed', { hint: 'leave out --prune' });
}

function refuse(problems: number, folder: string): void {
  if (problems === 0) return;
  throw new CliError('apply.refused', `nothing was changed: ${problems} things are wrong`, {
    where: folder,
    hint: 'Put right what is told above.',
  });
}

/** Names of packages, which no file describes. */
async function packageNames(api: ApiClient): Promise<ReadonlySet<string>> {
  const all = await api.call('GET', '/packages', z.array(FilePackageView));
  return new Set(all.map(({ name }) => key(name)));
}

function hasObject(
  kinds: readonly KindRun[],
  packages: ReadonlySet<string>,
  { kind, name }: Reference,
): boolean {
  if (kind === 'package') return packages.has(key(name));
  return kinds.find((each) => each.kind === kind)?.has(name) ?? true;
}

/** A secret from the environment or a file, without the end of its line; undefined where it is not there. */
async function readSecret(
  source: SecretSource,
  folder: string,
  environment: Terminal['environment'],
): Promise<string | undefined> {
  if ('env' in source) return environment[source.env];
  try {
    return (await readFile(resolve(folder, source.file), 'utf8')).replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}

function twiceNamed(planned: readonly Planned[]) {
  const files = Map.groupBy(
    planned.filter(({ action }) => action !== 'remove'),
    ({ kind, name }) => `${kind} ${key(name)}`,
  );
  return [...files.values()].flatMap(([first, ...others]) =>
    others.map((other) => ({
      file: other.file ?? '',
      code: 'apply.twice',
      message: `The ${other.title} "${other.name}" is in ${first?.file ?? ''} already`,
      hint: 'Each object is described once.',
    })),
  );
}

const words = { create: 'new', change: 'changed', remove: 'taken away', none: 'the same' } as const;

function summary(planned: readonly Planned[]): string {
  const rows = planned.filter(({ action }) => action !== 'none');
  const columns = [
    { title: 'KIND', value: ({ title }: Planned) => title },
    { title: 'NAME', value: ({ name }: Planned) => name },
    { title: 'NOW', value: ({ action }: Planned) => words[action] },
    { title: 'FILE', value: ({ file }: Planned) => file ?? '' },
  ];
  const same = planned.length - rows.length;
  const table = rows.length === 0 ? '' : formatTable(columns, rows);
  return `${table}${rows.length} of ${planned.length} applied, ${same} the same as before\n`;
}

function diffText(planned: readonly Planned[]): string {
  return planned
    .map(({ title, name, action, file, differences }) =>
      [
        `${title} "${name}": ${words[action]}${file === null ? '' : ` (${file})`}`,
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

function toJson(planned: readonly Planned[]) {
  return planned.map(({ kind, name, file, action, differences }) => ({
    kind,
    name,
    file,
    action,
    differences,
  }));
}
