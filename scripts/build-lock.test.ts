import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withBuildLock } from './build-lock.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-lock-'));
});
afterEach(async () => rm(directory, { recursive: true }));

describe('a cache that two builds share', () => {
  it('is used by one after the other, also when one fails', async () => {
    const lines: string[] = [];
    const options = {
      signal: new AbortController().signal,
      log: (line: string) => lines.push(line),
    };
    const happened: string[] = [];
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const first = withBuildLock(directory, options, async () => {
      happened.push('first begins');
      begun.resolve();
      await release.promise;
      happened.push('first ends');
      throw new Error('the first fails');
    });
    await begun.promise;
    const second = withBuildLock(
      directory,
      { ...options, log: () => release.resolve() },
      async () => {
        happened.push('second');
      },
    );
    await expect(first).rejects.toThrow('the first fails');
    await second;
    expect(happened).toEqual(['first begins', 'first ends', 'second']);
  });

  it('is taken over from a build that was killed', async () => {
    await writeFile(join(directory, 'build.lock'), '1 17');
    const signal = AbortSignal.timeout(5000);
    await expect(
      withBuildLock(directory, { signal, log: () => undefined }, async () => 'built'),
    ).resolves.toBe('built');
  });
});
