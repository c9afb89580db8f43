import { describe, expect, it } from 'vitest';
import { nodeParts } from './node-parts.ts';

const { signal } = new AbortController();
const { run, withFile } = nodeParts('64');
const node = (script: string) => [process.execPath, '-e', script] as const;

describe('M03 tools and files of the machine itself', () => {
  it('gives a tool its input and takes its bytes and exit code', async () => {
    const script = 'process.stdin.pipe(process.stdout); process.exitCode = 3';
    const answer = await run({ argv: node(script), input: 'a b', timeoutMs: 20_000 }, signal);
    expect({ ...answer, stdout: Buffer.from(answer.stdout).toString() }).toEqual({
      code: 3,
      stdout: 'a b',
      timedOut: false,
    });
  });

  it('ends a tool at its time-out, and when cancelled', async () => {
    const argv = node('setInterval(() => {}, 1000)');
    expect(await run({ argv, timeoutMs: 50 }, signal)).toMatchObject({ timedOut: true });
    const cancelled = run({ argv, timeoutMs: 20_000 }, AbortSignal.timeout(20));
    await expect(cancelled).rejects.toThrow();
    const missing = run({ argv: ['no-such-tool'], timeoutMs: 50 }, signal);
    await expect(missing).rejects.toMatchObject({ code: 'query.tool' });
  });

  it('finds files and folders, reads parts, and is not stopped by one that it cannot open', async () => {
    const facts = await withFile(import.meta.filename, async (found) => ({
      kind: found?.kind,
      head: Buffer.from((await found?.read(0, 6)) ?? []).toString(),
      beyond: (await found?.read(1e9, 6))?.length,
    }));
    expect(facts).toEqual({ kind: 'file', head: 'import', beyond: 0 });
    const kind = async (path: string) => withFile(path, async (found) => found?.kind ?? null);
    expect(await kind(import.meta.dirname)).toBe('folder');
    expect(await kind('/nothing/there')).toBeNull();
    expect(await kind('/dev/null')).toBeNull();
  });
});
