import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { steps } from '#agent/steps/index.ts';
import { openTestConsole, type TestConsole } from '../http/routes/operator/test-console.ts';
import { readSequenceText } from '../sequence-text.ts';
import { templates } from '../templates/index.ts';
import { answerSets } from '../templates/testing/answer-sets.ts';
import { CliError } from './cli-error.ts';
import type { Dialogue } from './dialogue.ts';
import { optionOf, shown } from './template-options.ts';
import { runHere } from './testing/run-here.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metalwright-new-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Somebody who types these lines, and then presses Ctrl-C. */
function typing(lines: readonly string[]) {
  const left = [...lines];
  let seen = '';
  let isOpen = false;
  const dialogue = (): Dialogue => {
    isOpen = true;
    return {
      say: (text) => {
        seen += text;
      },
      async ask(question) {
        seen += question;
        const line = left.shift();
        if (line === undefined) throw new CliError('cli.stopped', 'stopped');
        seen += `${line}\n`;
        return line;
      },
      [Symbol.dispose]: () => {
        isOpen = false;
      },
    };
  };
  return { dialogue, left, seen: () => seen, isOpen: () => isOpen };
}

async function run(argv: readonly string[], dialogue?: () => Dialogue) {
  return runHere(['sequence', 'new', ...argv], dialogue === undefined ? {} : { dialogue });
}
const sequenceIn = (text: string) => readSequenceText(text, steps).sequence;
const windows = ['install', '--name', 'W', '--image', 'Windows 11'];

describe('M13 sequence new by options', () => {
  it.each(answerSets)('$name', async ({ template, answers }) => {
    const options = Object.entries(answers).flatMap(([answer, value]) => [
      optionOf(answer),
      ...(Array.isArray(value) ? value.map(String) : [shown(value)]),
    ]);
    const { code, out, err } = await run([template, ...options]);
    expect([code, err]).toEqual([0, '']);
    const made = templates.find(({ name }) => name === template)?.make(answers);
    expect(sequenceIn(out).name).toBe(answers['name']);
    expect(JSON.stringify(sequenceIn(out).steps.map(({ name }) => name))).toBe(
      JSON.stringify(made?.steps.map((node) => ('group' in node ? node.group : node.step))),
    );
  });

  it('takes the template as an option, and a yes without a word', async () => {
    const { out } = await run([
      '--template',
      'upgrade',
      '--name',
      'U',
      '--upgrade-package',
      'Media',
      '--scan-only',
    ]);
    expect(out).toContain('scanOnly: true');
  });

  it.each([
    { argv: [], says: 'no template is named' },
    { argv: ['instal'], says: 'there is no template "instal"' },
    { argv: ['install'], says: '--name is needed; --image is needed' },
    {
      argv: [...windows, '--join', 'domain'],
      says: '--domain is needed where platform is windows and join is domain; --domain-account',
    },
    { argv: [...windows, '--index', 'two'], says: '--index is a whole number from 1' },
    { argv: [...windows, '--partition', 'all'], says: '--partition is one of both, uefi, bios' },
    { argv: [...windows, '--auto-drivers', 'perhaps'], says: '--auto-drivers is yes or no' },
    { argv: [...windows, '--product-key', 'AAAA'], says: '--product-key is five groups' },
    { argv: [...windows, '--domain', 'a.example'], says: '--domain has an effect only where' },
    { argv: [...windows, '--edition', '2'], says: '--edition is no answer of this template' },
    {
      argv: [...windows, '--partition', 'none', '--bitlocker', 'pre-provision'],
      says: '--bitlocker only a disk that is partitioned',
    },
    { argv: [...windows, '--output', 'new.txt'], says: 'cannot tell how to write new.txt' },
  ])('without a terminal $says', async ({ argv, says }) => {
    const { code, out, err } = await run(argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(says);
    expect(err).toContain('[cli.usage]');
  });

  it('tells all that is missing at once', async () => {
    const { err } = await run(['build-and-capture']);
    for (const option of ['--name', '--image', '--capture-destination'])
      expect(err).toContain(`${option} is needed`);
  });
});

describe('M13 sequence new by questions', () => {
  it('asks for the template, shows defaults, and asks a wrong answer again', async () => {
    const terminal = typing([
      '5',
      '',
      'Office PCs',
      'For the office',
      'windws',
      'linux',
      '?',
      '',
      'Debian 12',
      '0',
      '',
      'uefi',
      'hostnamectl set-hostname a',
      '',
    ]);
    const { code, out } = await run([], terminal.dialogue);
    expect(code).toBe(0);
    const seen = terminal.seen();
    expect(seen).toContain('1  Install an existing image (install)');
    expect(seen).toContain('one of 1 to 4');
    expect(seen).toContain(
      'Operating system (windows, linux) [windows]: windws\n  is one of windows, linux',
    );
    expect(seen).toContain('Image package: ?\n  Name of the image');
    expect(seen).toContain('Image package: \n  must not be empty');
    expect(seen).toContain('Image index [1]: 0\n  is a whole number from 1');
    expect(seen).not.toContain('Workgroup');
    expect(terminal.left).toEqual([]);
    expect(terminal.isOpen()).toBe(false);
    const sequence = sequenceIn(out);
    expect(sequence).toMatchObject({
      name: 'Office PCs',
      description: 'For the office',
      platform: 'linux',
    });
    expect(out).toContain('hostnamectl set-hostname a');
  });

  it('asks only what the options do not say, and only what has a use', async () => {
    const terminal = typing(['C', 'command', 'setup.sh', '']);
    const { out } = await run(['custom', '--description', 'Mine'], terminal.dialogue);
    expect(terminal.seen()).not.toContain('Description');
    expect(sequenceIn(out).steps).toMatchObject([{ type: 'run-command' }]);
    const groups = typing(['C', '']);
    await run(['custom', '--description', 'Mine'], groups.dialogue);
    expect(groups.seen()).not.toContain('Command line');
  });

  it('asks nothing where nothing that is needed is missing', async () => {
    const terminal = typing([]);
    expect((await run(windows, terminal.dialogue)).code).toBe(0);
    expect(terminal.seen()).toBe('');
  });

  it('tells of a wrong option before it asks', async () => {
    const terminal = typing([]);
    const { code, err } = await run(['install', '--index', '0'], terminal.dialogue);
    expect([code, terminal.seen()]).toEqual([2, '']);
    expect(err).toContain('--index is a whole number');
  });

  it('leaves nothing behind where it is stopped', async () => {
    const file = join(folder, 'stopped.yaml');
    const terminal = typing(['Half']);
    const { code, out, err } = await run(['install', '--output', file], terminal.dialogue);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('[cli.stopped]');
    expect(terminal.isOpen()).toBe(false);
    expect(await readdir(folder)).not.toContain('stopped.yaml');
  });
});

describe('M13 sequence new to a file', () => {
  it('writes YAML or JSON by its name', async () => {
    for (const name of ['new.yaml', 'new.json']) {
      const file = join(folder, name);
      const { code, out, err } = await run([...windows, '--output', file]);
      expect([code, out]).toEqual([0, '']);
      expect(err).toContain(`wrote ${file}`);
      const text = await readFile(file, 'utf8');
      expect(text.startsWith(name === 'new.json' ? '{' : '# From the template')).toBe(true);
      expect(sequenceIn(text).name).toBe('W');
    }
  });

  it('does not overwrite a file, unless it is forced', async () => {
    const file = join(folder, 'mine.yaml');
    await writeFile(file, 'mine');
    const kept = await run([...windows, '--output', file]);
    expect(kept).toMatchObject({ code: 1, err: expect.stringContaining('[cli.file-exists]') });
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect((await run([...windows, '--output', file, '--force'])).code).toBe(0);
    expect(sequenceIn(await readFile(file, 'utf8')).name).toBe('W');
  });

  it('says where it cannot write', async () => {
    const file = join(folder, 'nowhere', 'new.yaml');
    const { code, err } = await run([...windows, '--output', file]);
    expect(code).toBe(1);
    expect(err).toContain('[cli.file]');
  });
});

describe('M13 sequence new with a server', () => {
  let site: TestConsole;
  let server: string[];
  beforeAll(async () => {
    site = await openTestConsole({ tls: true });
    server = ['--server', await site.listen(), '--data', site.dataDirectory];
  });
  afterAll(() => site[Symbol.asyncDispose]());

  it('refuses an image that the server has not', async () => {
    const { code, err } = await run([...windows, ...server]);
    expect(code).toBe(2);
    expect(err).toContain(
      '--image there is no image "Windows 11"; metalwright image list lists all 0',
    );
  });
});
