import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compileNative, compilerIsThere, scriptLibraries, serviceProgram } from './native.ts';

const { signal } = new AbortController();
const missing = (await Promise.all([compilerIsThere('x64'), compilerIsThere('x86')])).includes(
  false,
);
if (missing && process.env['REQUIRE_PEERS'] === '1') throw new Error('mingw-w64 is missing');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'native-'));
});
afterAll(async () => rm(folder, { recursive: true }));

it.skipIf(missing).each([serviceProgram, ...scriptLibraries])(
  'M53 $name has the same bytes wherever it is compiled',
  async (program) => {
    const [one, other] = await Promise.all(
      ['one', 'another/folder'].map(async (name) =>
        readFile(await compileNative(program, { folder: join(folder, name), signal })),
      ),
    );
    expect(one?.equals(other ?? Buffer.of())).toBe(true);
  },
);
