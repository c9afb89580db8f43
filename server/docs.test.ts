import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { formatJsonSchema } from '#agent/sequence/json-schema.ts';
import { formatStepDocs } from '#agent/sequence/step-docs.ts';
import { formatVariableDocs } from '#agent/sequence/variable-catalog/markdown.ts';
import { variableCatalog } from '#agent/sequence/variable-catalog.ts';
import { steps } from '#agent/steps/index.ts';
import { commandsFor } from './cli/commands.ts';
import { silentTerminal } from './cli/testing/silent-terminal.ts';
import { readSequenceText } from './sequence-text.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFile(`${root}/${path}`, 'utf8');

/** Every command that does something, `device approve`, with its options. */
function leaves(command: Command, path: string): { path: string; options: string[] }[] {
  if (command.commands.length > 0) {
    return command.commands.flatMap((child) => leaves(child, `${path} ${child.name()}`.trim()));
  }
  return [{ path, options: command.options.flatMap(({ long }) => long ?? []) }];
}

const common = new Set(['--server', '--token-file', '--data']);

/** Words of a row's command, before its arguments and options. */
function wordsOf(line: string): string[] {
  const [, code = ''] = line.split('`');
  return ['', ...code.replaceAll(/<[^>]*>|\[[^\]]*\]|\([^)]*\)/g, ' ').split(/[ |]+/)];
}

it('documents every command and option in docs/cli.md', async () => {
  const program = new Command();
  for (const add of await commandsFor(undefined)) add(program, silentTerminal);
  const text = (await read('docs/cli.md'))
    .replaceAll('\\|', '|')
    .replace('add|remove', 'add remove');
  for (const { path, options } of leaves(program, '')) {
    const [group = '', verb = ''] = path.split(' ');
    const row = text
      .split('\n')
      .find((line) => line.startsWith(`| \`${group}`) && wordsOf(line).includes(verb));
    expect(row, `metalwright ${path}`).toBeDefined();
    for (const option of options.filter((name) => !common.has(name))) {
      expect(row, `metalwright ${path} ${option}`).toContain(option);
    }
  }
});

it('shows a task sequence that is well formed', async () => {
  const { sequence } = readSequenceText(await read('docs/debian.yaml'), steps);
  expect(sequence.stepCount).toBe(4);
});

it('M11 has the catalogue of variables in docs/variables.md: node scripts/write-variable-docs.ts', async () => {
  expect(await read('docs/variables.md')).toBe(formatVariableDocs());
});

it('M15 has the steps in docs/steps.md and the JSON Schema: node scripts/write-step-docs.ts', async () => {
  expect(await read('docs/steps.md')).toBe(formatStepDocs(steps));
  expect(await read('docs/task-sequence.schema.json')).toBe(formatJsonSchema(steps));
});

/**
 * Every word of the agent's sources in lower case, but for comments, tests, the catalogue itself, and
 * steps and settings whose action this version does not have: naming is not acting there.
 */
async function wordsOfAgent(): Promise<ReadonlySet<string>> {
  const words = new Set<string>();
  for await (const path of glob('agent/**/*.ts', { cwd: root })) {
    if (/\.test\.ts$|\/testing\/|\/variable-(catalog|problems)/.test(path)) continue;
    const source = await read(path);
    if (path.endsWith('-later.ts') || source.includes('defineLaterStep(')) continue;
    const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '');
    for (const [word] of code.matchAll(/\w+/g)) words.add(word.toLowerCase());
  }
  return words;
}

it('M11 says of a variable that this version acts on it exactly where the agent names it', async () => {
  const words = await wordsOfAgent();
  const named = (name: string): boolean => words.has(name.replace(/<n>.*/, '').toLowerCase());
  const all = variableCatalog.flatMap(({ variables }) => variables);
  const wrong = all.filter(({ name, supported }) => (supported === true) !== named(name));
  expect(
    wrong.map(({ name, supported }) => `${name}: ${supported}`),
    'agent/sequence/variable-catalog, supported',
  ).toEqual([]);
});

it('links only to files that are there', async () => {
  for (const file of ['README.md', 'docs/README.md', 'docs/first-deployment.md', 'docs/cli.md']) {
    const folder = file.includes('/') ? 'docs/' : '';
    for (const [, link] of (await read(file)).matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      await expect(read(`${folder}${link}`), `${file}: ${link}`).resolves.toBeTruthy();
    }
  }
});
