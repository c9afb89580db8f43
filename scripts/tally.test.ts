import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('says of a failed scenario why, in the lines before the counts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tally-'));
  try {
    const path = join(folder, 'lab.json');
    const failures = [{ what: 'lab scenario two-nics', reason: 'waited 20 s: it is answered' }];
    await writeFile(path, JSON.stringify({ boots: 3, passed: 2, failed: 1, skipped: 0, failures }));
    const tally = join(import.meta.dirname, 'tally.ts');
    const { code, stdout } = await new Promise<{ code: unknown; stdout: string }>((done) => {
      execFile(process.execPath, [tally, path], (error, text) =>
        done({ code: error?.code ?? 0, stdout: text }),
      );
    });
    expect(stdout.trim().split('\n')).toEqual([
      'lab: 3 whole boots, 0 skipped',
      'FAILED: lab scenario two-nics: waited 20 s: it is answered',
      '2 passed, 1 failed, 0 skipped',
    ]);
    expect(code).toBe(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});
