import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingPeers } from './loop-disk.testing.ts';
import { linuxProcess } from './process-capability.ts';

const skip = missingPeers('setpriv', 'getent');
const { signal } = new AbortController();
const nobody = { user: 'nobody', password: '' };
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-as-'));
  await chmod(folder, 0o711);
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

describe.skipIf(skip !== undefined)(
  `M25 a command as another account${skip === undefined ? '' : ` (${skip})`}`,
  () => {
    const capability = () =>
      linuxProcess({
        environment: 'full-os',
        scratchFolder: join(folder, 'scratch'),
        contentFolder: join(folder, 'content'),
        log: () => {},
      });
    const run = async (argv: readonly [string, ...string[]], runAs = nobody, cwd = '/') =>
      capability().run({ argv, environment: { A: 'kept' }, cwd, runAs }, signal);

    it('has its ids and groups, its home and the step’s variables', async () => {
      const { output, code } = await run(['sh', '-c', 'id -un; id -Gn; echo $USER $HOME $A']);
      expect(code).toBe(0);
      expect(output.split('\n').slice(0, 2)).toEqual(['nobody', 'nogroup']);
      expect(output).toMatch(/nobody \S+ kept\n$/);
      // No way back.
      expect((await run(['setpriv', '--reuid', '0', 'true'])).code).not.toBe(0);
    });

    it('reads the files made for it and the package it runs from, and writes neither', async () => {
      await using files = await capability().scratch(
        { 'x.sh': Buffer.from('echo secret\n') },
        signal,
        nobody,
      );
      const script = files.file('x.sh');
      expect((await run(['sh', script])).output).toBe('secret\n');
      expect((await run(['sh', '-c', `echo > ${script}`])).code).not.toBe(0);

      const content = join(folder, 'content/MW100001.3');
      await mkdir(content, { recursive: true, mode: 0o711 });
      await writeFile(join(content, 'tool'), '#!/bin/sh\necho ran\n', { mode: 0o755 });
      expect((await run([join(content, 'tool')], nobody, content)).output).toBe('ran\n');
      expect((await run(['sh', '-c', 'echo > new'], nobody, content)).code).not.toBe(0);
      expect((await stat(content)).mode & 0o777).toBe(0o700);
      expect((await stat(content)).gid).toBe(0);
    });

    it('is refused for an account that is not there', async () => {
      for (const user of ['no-such-account', 'DOMAIN\\nobody', '-x', '65534', ''])
        await expect(run(['true'], { user, password: '' })).rejects.toMatchObject({
          code: 'command.run-as',
        });
    });

    it('says so when the program is not there', async () => {
      await expect(run(['no-such-program'])).rejects.toMatchObject({ code: 'process.not-found' });
    });
  },
);
