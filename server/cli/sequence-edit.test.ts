import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine } from './program.ts';

const text = `# Mine
name: Mine
steps:
  # Of A
  - step: A   # a
    type: restart
    params: { target: pe }
  - group: G
    steps:
      # Of B
      - step: B
        type: set-variable
        params:
          name: X   # x
          value: "1"
`;
let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metalwright-edit-'));
  file = join(folder, 'my.yaml');
  await writeFile(file, text);
});
afterEach(() => rm(folder, { recursive: true }));

async function run(...argv: string[]) {
  let said = '';
  const say = (part: string) => {
    said += part;
  };
  const signal = new AbortController().signal;
  const terminal = { out: say, err: say, columns: undefined, environment: {}, signal };
  const code = await runCommandLine(['sequence', 'edit', ...argv], terminal);
  return { code, said };
}
const read = () => readFile(file, 'utf8');

describe('M14 changing a file', () => {
  it('sets and unsets a field, and leaves all else', async () => {
    expect(await run('set', file, 'steps[1].steps[0].params.value', '"2"')).toMatchObject({
      code: 0,
      said: `changed ${file}\n`,
    });
    expect(await read()).toBe(text.replace('"1"', '"2"'));
    await run('set', file, 'steps[0].params', '{"target": "hd", "message": "Wait"}');
    const longer = text.replace('"1"', '"2"').replace('target: pe', 'target: hd, message: Wait');
    expect(await read()).toBe(longer);
    await run('unset', file, 'steps[0].params.message');
    expect(await read()).toBe(longer.replace(', message: Wait', ''));
    expect((await run('set', file, 'name', 'Mine')).said).toBe(`${file} is so already\n`);
  });

  it('disables, enables, moves and removes steps with their comments', async () => {
    await run('disable', file, 'a', '1/0');
    const disabled = text
      .replace('type: restart\n', 'type: restart\n    disabled: true\n')
      .replace('type: set-variable\n', 'type: set-variable\n        disabled: true\n');
    expect(await read()).toBe(disabled);
    await run('enable', file, 'A', 'B');
    expect(await read()).toBe(text);
    await run('move', file, 'A', '--into', 'G');
    expect(await read()).toBe(`# Mine
name: Mine
steps:
  - group: G
    steps:
      # Of B
      - step: B
        type: set-variable
        params:
          name: X   # x
          value: "1"
      # Of A
      - step: A   # a
        type: restart
        params: { target: pe }
`);
    await run('move', file, 'A', '--before', 'G');
    expect(await read()).toBe(text);
    await run('remove', file, 'B', 'A');
    expect(await read()).toBe('# Mine\nname: Mine\nsteps:\n  - group: G\n    steps: []\n');
  });

  it.each<[string, readonly string[], string]>([
    [
      'a value that the step does not take',
      ['set', '', 'steps[0].params.target', 'moon'],
      'sequence.invalid',
    ],
    ['a field that there is not', ['set', '', 'steps[0].colour', 'red'], 'sequence.invalid'],
    ['a place that cannot be', ['set', '', 'steps[9].name', 'x'], 'document.path'],
    ['a place that is none', ['set', '', 'steps..', 'x'], 'document.path'],
    ['what is not there', ['unset', '', 'description'], 'document.path'],
    ['the last step', ['remove', '', 'A', 'G'], 'sequence.invalid'],
    ['an unknown step', ['disable', '', 'Bee'], 'document.step-unknown'],
    ['a group into itself', ['move', '', 'G', '--into', 'G'], 'document.move'],
    ['into a step', ['move', '', 'B', '--into', 'A'], 'document.move'],
    ['nowhere', ['move', '', 'B'], 'cli.usage'],
    ['two places', ['move', '', 'B', '--after', 'A', '--before', 'A'], 'cli.usage'],
  ])('refuses %s, and does not touch the file', async (_what, [name = '', , ...words], code) => {
    const ended = await run(name, file, ...words);
    expect(ended.code).toBeGreaterThan(0);
    expect(ended.said).toContain(`[${code}]`);
    expect(await read()).toBe(text);
    expect(await readdir(folder)).toEqual(['my.yaml']);
  });

  it('names a step that has the name of another by its id', async () => {
    await writeFile(file, text.replace('step: B', 'step: a'));
    expect((await run('disable', file, 'A')).said).toContain('[document.step-ambiguous]');
    expect((await run('disable', file, '1/0')).code).toBe(0);
    expect(await read()).toContain('step: a\n        type: set-variable\n        disabled: true\n');
  });

  it('changes what is not well formed yet, step by step', async () => {
    const broken = text.replace('target: pe', 'target: moon').replace('"1"', '[]');
    await writeFile(file, broken);
    expect((await run('set', file, 'steps[0].params.target', 'pe')).said).toContain(
      'not well formed yet',
    );
    expect((await run('set', file, 'steps[1].steps[0].params.value', '"1"')).said).not.toContain(
      'yet',
    );
    expect(await read()).toBe(text);
    await writeFile(file, 'name: [\n');
    expect((await run('set', file, 'name', 'x')).said).toContain('[sequence.text]');
  });

  it('keeps encoding, mode and links of the file', async () => {
    const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
    await writeFile(file, bytes);
    await chmod(file, 0o640);
    const link = join(folder, 'link.yaml');
    await symlink(file, link);
    expect((await run('set', link, 'name', 'Größe')).code).toBe(0);
    const changed = text.replace('name: Mine', 'name: Größe');
    expect(await readFile(file)).toEqual(Buffer.from(`\ufeff${changed}`, 'utf16le'));
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect((await readdir(folder)).sort()).toEqual(['link.yaml', 'my.yaml']);
  });

  it('says what is wrong with a file that cannot be read or written', async () => {
    expect((await run('set', join(folder, 'none.yaml'), 'name', 'x')).said).toContain('[cli.file]');
    await writeFile(file, Buffer.from([0x61, 0x3a, 0x20, 0xfc]));
    expect((await run('set', file, 'name', 'x')).said).toContain('[document.encoding]');
    await writeFile(file, Buffer.alloc(50 * 1024 * 1024, 'a'));
    expect((await run('set', file, 'name', 'x')).said).toContain('[document.too-large]');
  });
});
