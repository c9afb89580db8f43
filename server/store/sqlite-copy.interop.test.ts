import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, readSchemaVersion } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { openStore } from './open.ts';
import { openSqlite } from './sqlite.ts';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot && process.env['REQUIRE_PEERS'] !== '1')(
  'a data directory on a small disk (needs root)',
  () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'metalwright-small-'));
      await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]);
    });
    afterAll(async () => {
      await run('umount', [folder]);
      await rm(folder, { recursive: true });
    });

    it('M56 is not migrated without room for a copy of it, and says how much it takes', async () => {
      const path = join(folder, 'metalwright.sqlite');
      const old = openSqlite(path);
      await migrate(old, migrations.slice(0, 12));
      old.close();
      await expect(openStore(path)).rejects.toMatchObject({
        code: 'store.no-room',
        message: expect.stringMatching(/takes \d+ MB on the disk of .*, \d MB are free/),
      });
      const file = openSqlite(path);
      expect(await readSchemaVersion(file.db)).toBe(12);
      file.close();
      expect((await readdir(folder)).filter((name) => name.includes('before'))).toEqual([]);
    });
  },
);
