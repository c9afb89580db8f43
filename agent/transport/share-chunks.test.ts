import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StepError } from '../sequence/step.ts';
import { type ContentShares, chunksByScheme, shareChunks } from './share-chunks.ts';

const { signal } = new AbortController();
const old = { name: 'Old', user: 'CORP\\old', password: 'canary-old-1f3a' };
const reader = { name: 'Reader', user: 'CORP\\reader', password: 'canary-reader-77bc' };
const url = 'smb://dp.example/Content%20Store/site/content/ab/abcd';
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metalwright-share-'));
  await mkdir(join(folder, 'site/content/ab'), { recursive: true });
  await writeFile(join(folder, 'site/content/ab/abcd'), '0123456789');
});
afterEach(async () => rm(folder, { recursive: true }));

function open(
  options: {
    readonly connect?: ContentShares['connect'];
    readonly accounts?: readonly (typeof old)[];
    readonly now?: () => number;
  } = {},
) {
  const tried: string[] = [];
  let asked = 0;
  const connect: ContentShares['connect'] = async ({ server, name }, account, connecting) => {
    tried.push(`${server} ${name} ${account.user}`);
    return options.connect?.({ server, name }, account, connecting) ?? folder;
  };
  const fetch = shareChunks(
    { connect },
    async () => {
      asked += 1;
      return options.accounts ?? [reader];
    },
    options.now,
  );
  return { fetch, tried, asked: () => asked };
}
const logon = () => new StepError('network.logon', 'Permission denied');

describe('M38 M40 content from a share', () => {
  it('is read in part, over one connection for all', async () => {
    const { fetch, tried, asked } = open();
    const parts = await Promise.all([
      fetch({ url, first: 0, last: 3 }, signal),
      fetch({ url, first: 4, last: 9 }, signal),
      fetch({ url, first: 9, last: 9 }, signal),
    ]);
    expect(parts.map((bytes) => Buffer.from(bytes).toString())).toEqual(['0123', '456789', '9']);
    expect(tried).toEqual(['dp.example Content Store CORP\\reader']);
    expect(asked()).toBe(1);
  });

  it('is connected with the first account that it takes; with none that was refused again for a while', async () => {
    let now = 0;
    let isWrong = true;
    const { fetch, tried, asked } = open({
      accounts: [old, reader],
      now: () => now,
      connect: async (_share, { user }) => {
        if (isWrong || user === old.user) throw logon();
        return folder;
      },
    });
    const ask = async () => fetch({ url, first: 0, last: 0 }, signal);
    const refused = { code: 'content.account', message: /takes none of the accounts Old, Reader/ };
    await expect(ask()).rejects.toMatchObject({ code: refused.code });
    await expect(ask()).rejects.toThrow(refused.message);
    expect(tried).toHaveLength(2);
    isWrong = false;
    now = 5 * 60_000;
    await ask();
    expect(tried.slice(2).map((line) => line.split('\\')[1])).toEqual(['old', 'reader']);
    expect(asked()).toBe(2);
  });

  it('is told by a code of its own where the site has no account', async () => {
    const connect = async () => folder;
    const fetch = shareChunks({ connect }, async () => {
      throw new StepError('account.content', 'The site has no network access account');
    });
    await expect(fetch({ url, first: 0, last: 0 }, signal)).rejects.toMatchObject({
      code: 'account.content-share',
    });
    const none = shareChunks(undefined, async () => [reader]);
    await expect(none({ url, first: 0, last: 0 }, signal)).rejects.toMatchObject({
      code: 'content.unreachable',
    });
  });

  it.each([
    ['a file that is not there', { url: `${url}0`, last: 1 }, 'content.missing'],
    ['one that is too short', { url, last: 10 }, 'content.damaged'],
    ['one that is a folder', { url: url.slice(0, -4), last: 1 }, 'content.unreachable'],
  ])('tells %s', async (_what, request, code) => {
    const { fetch, tried } = open();
    await expect(fetch({ first: 0, ...request }, signal)).rejects.toMatchObject({ code });
    await fetch({ url, first: 0, last: 0 }, signal);
    expect(tried).toHaveLength(code === 'content.unreachable' ? 2 : 1);
  });

  it('a server that is gone is none of the accounts’ fault, and is tried again', async () => {
    let isGone = true;
    const { fetch, tried } = open({
      accounts: [old, reader],
      connect: async () => {
        if (isGone) throw new StepError('network.path', 'Cannot connect: no route to host');
        return folder;
      },
    });
    const ask = async () => fetch({ url, first: 0, last: 0 }, signal);
    await expect(ask()).rejects.toMatchObject({ code: 'content.unreachable' });
    expect(tried).toHaveLength(1);
    isGone = false;
    await ask();
    expect(tried).toHaveLength(2);
  });

  it('one that hangs is given up on, and holds up no more than two', async () => {
    const hanging = Promise.withResolvers<string>();
    const { fetch } = open({ connect: async () => hanging.promise });
    const late = { url, first: 0, last: 0, deadlineMs: 20 };
    const failures = await Promise.allSettled([1, 2, 3, 4].map(async () => fetch(late, signal)));
    for (const failure of failures)
      expect(failure).toMatchObject({
        status: 'rejected',
        reason: { code: 'content.unreachable', message: expect.stringContaining('20 ms') },
      });
    hanging.resolve(folder);
    expect(await fetch({ url, first: 0, last: 0 }, signal)).toHaveLength(1);
  });

  it('a run that is cancelled waits for nothing', async () => {
    const { fetch } = open({ connect: async () => Promise.withResolvers<string>().promise });
    const stop = new AbortController();
    const asked = fetch({ url, first: 0, last: 0 }, stop.signal);
    stop.abort(new Error('cancelled'));
    await expect(asked).rejects.toThrow('cancelled');
  });

  it('is one way of two, by the address', async () => {
    const ways = chunksByScheme({
      web: async () => Uint8Array.of(1),
      share: async () => Uint8Array.of(2),
    });
    const ask = async (at: string) => (await ways({ url: at, first: 0, last: 0 }, signal))[0];
    expect([await ask('http://dp/content/a'), await ask(url)]).toEqual([1, 2]);
  });

  it('no error has a password', async () => {
    const { fetch } = open({
      accounts: [old, reader],
      connect: async () => Promise.reject(logon()),
    });
    const failure: unknown = await fetch({ url, first: 0, last: 0 }, signal).catch(
      (e: unknown) => e,
    );
    const text = failure instanceof Error ? `${failure.stack}${JSON.stringify(failure)}` : '';
    expect(text).toContain('content.account');
    expect(text).not.toMatch(/canary/);
  });
});
