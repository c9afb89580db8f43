/** `sequence new` at a pseudo-terminal, which `script` of util-linux makes. */
import { spawn } from 'node:child_process';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { steps } from '#agent/steps/index.ts';
import { readSequenceText } from '../sequence-text.ts';

const SCRIPT = '/usr/bin/script';
const cli = fileURLToPath(new URL('../cli.ts', import.meta.url));
const hasScript = await access(SCRIPT).then(
  () => true,
  () => false,
);
if (!hasScript && process.env['REQUIRE_PEERS'] === '1')
  throw new Error(`${SCRIPT} is missing: apt-get install bsdutils`);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metalwright-tty-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Types each text when what it waits for is on the screen. */
async function type(
  command: string,
  typed: readonly { readonly after: string; readonly text: string }[],
): Promise<{ readonly code: number | null; readonly screen: string }> {
  const child = spawn(SCRIPT, ['-qec', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const left = [...typed];
  let screen = '';
  let from = 0;
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('close', resolve);
  child.stdout.on('data', (data: Buffer) => {
    screen += data.toString();
    for (;;) {
      const [next] = left;
      const at = next === undefined ? -1 : screen.indexOf(next.after, from);
      if (next === undefined || at < 0) return;
      from = at + next.after.length;
      left.shift();
      child.stdin.write(next.text);
    }
  });
  return { code: await promise, screen };
}
const command = (...words: readonly string[]) => [process.execPath, cli, ...words].join(' ');

describe.skipIf(!hasScript)('M13 sequence new at a terminal', () => {
  it('asks and writes the file', async () => {
    const file = join(folder, 'made.yaml');
    const { code, screen } = await type(command('sequence', 'new', '--output', file), [
      { after: 'Which template [1]: ', text: 'custom\r' },
      { after: 'Name: ', text: 'Made at a terminal\r' },
      { after: 'Description [none]: ', text: '\r' },
      { after: 'Begin with (groups, command) [groups]: ', text: 'comand\r' },
      { after: 'is one of groups, command', text: '' },
      { after: 'Begin with (groups, command) [groups]: ', text: '\r' },
    ]);
    expect(code, screen).toBe(0);
    const { sequence } = readSequenceText(await readFile(file, 'utf8'), steps);
    expect(sequence.name).toBe('Made at a terminal');
  });

  it('leaves nothing behind at Ctrl-C', async () => {
    const file = join(folder, 'stopped.yaml');
    const { code, screen } = await type(command('sequence', 'new', 'custom', '--output', file), [
      { after: 'Name: ', text: 'Half\r' },
      { after: 'Description [none]: ', text: '\u0003' },
    ]);
    expect(code, screen).toBe(1);
    expect(screen).toContain('[cli.stopped]');
    expect(await readdir(folder)).not.toContain('stopped.yaml');
  });
});
