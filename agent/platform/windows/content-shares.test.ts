import { expect, it } from 'vitest';
import { windowsContentShares } from './content-shares.ts';

it('M38 a share with content is connected without a letter, and ended with the run', async () => {
  const calls: unknown[] = [];
  const shares = windowsContentShares({
    connectFolder: async (request) => {
      calls.push(request);
      return request.path;
    },
    disconnect: async (path) => void calls.push(path),
  });
  const account = { name: 'Reader', user: 'CORP\\reader', password: 'canary-9e0c' };
  const { signal } = new AbortController();
  const place = await shares.connect({ server: 'dp', name: 'Content$' }, account, signal);
  expect(place).toBe('\\\\dp\\Content$');
  await shares[Symbol.asyncDispose]();
  const { user, password } = account;
  expect(calls).toEqual([
    { path: '\\\\dp\\Content$', drive: null, account: { user, password } },
    '\\\\dp\\Content$',
  ]);
});
