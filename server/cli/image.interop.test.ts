import { execFile } from 'node:child_process';
import { access, mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { openTestConsole } from '../http/routes/operator/test-console.ts';
import { runHere } from './testing/run-here.ts';

const run = promisify(execFile);
const WIMLIB = '/usr/bin/wimlib-imagex';
const hasWimlib = await access(WIMLIB).then(
  () => true,
  () => false,
);
if (!hasWimlib && process.env['REQUIRE_PEERS'] === '1') {
  throw new Error(`${WIMLIB} is missing: apt-get install wimtools`);
}

it.skipIf(!hasWimlib)(
  'stores a WIM, says what it holds, and refuses a truncated one',
  async () => {
    await using site = await openTestConsole({ tls: true });
    const server = ['--server', await site.listen(), '--data', site.dataDirectory];
    const root = join(site.dataDirectory, 'root');
    await mkdir(join(root, 'etc'), { recursive: true });
    await writeFile(join(root, 'etc', 'hostname'), 'bench\n'.repeat(10_000));
    const wim = join(site.dataDirectory, 'debian.wim');
    await run(WIMLIB, [
      'capture',
      root,
      wim,
      'Debian 12',
      '--unix-data',
      '--image-property',
      'METALWRIGHT/KIND=linux',
      '--image-property',
      'METALWRIGHT/ARCHITECTURE=x64',
    ]);
    const command = async (...argv: string[]) => {
      return runHere([...argv, ...server]);
    };

    const first = await command('image', 'add', wim, '--name', 'Debian');
    expect(first.err).toBe('');
    expect(first.out).toMatch(
      /^stored "Debian" as MW1\w+, version 1, [\d.]+ k?B\n {2}1: Debian 12 \(linux, x64, 60\.0 kB\)\n$/,
    );
    expect((await command('image', 'add', wim, '--name', 'debian')).out).toContain('version 2');

    const plain = join(site.dataDirectory, 'plain.wim');
    await run(WIMLIB, ['capture', root, plain, 'Plain', '--unix-data']);
    const untold = await command('image', 'add', plain, '--name', 'Untold');
    expect(untold.out).toContain('1: Plain (data, no architecture,');
    const told = ['--kind', 'linux', '--architecture', 'x64'];
    const said = await command('image', 'add', plain, '--name', 'Told', ...told);
    expect(said.out).toContain('1: Plain (linux, x64,');
    expect(await command('image', 'add', plain, '--name', 'Told', '--kind', 'bsd')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Allowed choices are windows, linux, data'),
    });

    await truncate(wim, 400);
    const cut = await command('image', 'add', wim, '--name', 'Cut');
    expect(cut.code).toBe(1);
    expect(cut.err).toMatch(
      /\[wim\.truncated\]\nwhere: POST https:.*\/images\?name=Cut\nwhat to do: /,
    );
    expect((await command('image', 'list')).out.split('\n')).toHaveLength(5);
    const objects = (
      await readdir(join(site.dataDirectory, 'content'), { recursive: true })
    ).filter((path) => /[0-9a-f]{64}$/.test(path));
    expect(objects, 'what was refused is not kept').toHaveLength(2);
  },
  60_000,
);
