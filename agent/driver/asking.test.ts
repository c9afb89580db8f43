import { describe, expect, it } from 'vitest';
import type { PathFacts, QueryCapability } from '../sequence/query-capability.ts';
import { asking } from './asking.ts';

const { signal } = new AbortController();
const query = (path: QueryCapability['path']): QueryCapability => ({
  path,
  registry: undefined,
  software: undefined,
  wmi: undefined,
  system: async () => {
    throw new Error('not asked');
  },
  inventory: async () => ({}),
});

describe('M56 what was recorded before the machine is asked', () => {
  it('is not synced for what is answered promptly, nor for what fails so', async () => {
    let syncs = 0;
    const sync = async () => void syncs++;
    const request = { kind: 'file', path: '/gone' } as const;
    expect(
      await asking(
        query(async () => null),
        sync,
      ).path(request, signal),
    ).toBeNull();
    await expect(
      asking(
        query(async () => null),
        sync,
      ).system(signal),
    ).rejects.toThrow('not asked');
    expect(syncs).toBe(0);
  });

  it('is synced while an answer lets wait', async () => {
    const answer = Promise.withResolvers<PathFacts | null>();
    const synced = Promise.withResolvers<void>();
    const asked = asking(
      query(async () => answer.promise),
      async () => synced.resolve(),
    ).path({ kind: 'file', path: '/slow' }, signal);
    await synced.promise;
    answer.resolve(null);
    expect(await asked).toBeNull();
  });

  it('fails where syncing it fails, whatever the answer', async () => {
    const answer = Promise.withResolvers<PathFacts | null>();
    const broken = asking(
      query(async () => answer.promise),
      async () => {
        answer.reject(new Error('no answer'));
        throw new Error('EIO');
      },
    );
    await expect(broken.path({ kind: 'file', path: '/slow' }, signal)).rejects.toThrow('EIO');
  });
});
