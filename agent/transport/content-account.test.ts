import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ContentAccount } from './content-account.ts';
import { contentConnections } from './content-trust.ts';
import { httpChunks } from './fetch-chunk.ts';
import { answerChallenge, parseChallenge } from './http-auth.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const account = (name: string, password = 'right') => ({ name, user: `CORP\\${name}`, password });

/** A distribution point that asks for Digest and takes one user. @returns its URL and what it was sent */
async function digestServer(algorithm: string, user: string) {
  const seen: string[] = [];
  const hash = (text: string) =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const isRight = (request: IncomingMessage) => {
    const sent = request.headers.authorization ?? '';
    if (sent === '') return false;
    seen.push(sent);
    const value = (name: string) => new RegExp(`${name}="?([^",]+)`).exec(sent)?.[1] ?? '';
    const secret = hash(`${user}:files:right`);
    const asked = hash(`GET:${request.url ?? ''}`);
    const right = hash(`${secret}:abc:${value('nc')}:${value('cnonce')}:auth:${asked}`);
    return value('response') === right;
  };
  const url = await listen((request) =>
    isRight(request)
      ? undefined
      : [
          'Negotiate',
          `Digest realm="files", qop="auth,auth-int", nonce="abc", algorithm=${algorithm}, opaque="o"`,
        ],
  );
  return { url, seen };
}

/** @param refuse the challenges, or undefined to answer the range */
async function listen(refuse: (request: IncomingMessage) => string[] | undefined) {
  const server = createServer((request, response) => {
    const challenges = refuse(request);
    if (challenges !== undefined) {
      response.writeHead(401, { 'www-authenticate': challenges });
      response.end('no');
      return;
    }
    response.writeHead(206, { 'content-range': 'bytes 0-3/4' });
    response.end('data');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/objects/ab`;
}

async function fetchFrom(url: string, accounts: ContentAccount) {
  const chunk = { url, first: 0, last: 3 };
  await using connections = contentConnections({ cas: () => [], nowMs: () => Date.now() });
  const bytes = await httpChunks(connections, accounts)(chunk, AbortSignal.timeout(20_000));
  return Buffer.from(bytes).toString();
}

describe('M38 the network access account', () => {
  it.each(['MD5', 'SHA-256'])(
    'reads content from a distribution point with Digest %s',
    async (algorithm) => {
      const { url, seen } = await digestServer(algorithm, 'CORP\\two');
      let asked = 0;
      const accounts = new ContentAccount(async () => {
        asked += 1;
        return [account('one'), account('two')];
      });
      expect(await fetchFrom(url, accounts)).toBe('data');
      expect(await fetchFrom(url, accounts)).toBe('data');
      expect(asked).toBe(1);
      expect(seen).toHaveLength(3);
      expect(seen.join(' ')).not.toContain('right');
    },
  );

  it('is not asked for where nobody asks for it', async () => {
    const url = await listen(() => undefined);
    const accounts = new ContentAccount(() => Promise.reject(new Error('asked')));
    expect(await fetchFrom(url, accounts)).toBe('data');
  });

  it('is sent to nobody in the clear', async () => {
    const sent: (string | undefined)[] = [];
    const url = await listen((request) => {
      sent.push(request.headers.authorization);
      return ['Basic realm="x"'];
    });
    const accounts = new ContentAccount(async () => [account('one')]);
    await expect(fetchFrom(url, accounts)).rejects.toMatchObject({ code: 'content.basic' });
    expect(new Set(sent)).toEqual(new Set([undefined]));
  });

  it('says so when none is taken', async () => {
    const { url } = await digestServer('MD5', 'nobody');
    const accounts = new ContentAccount(async () => [account('one'), account('two')]);
    await expect(fetchFrom(url, accounts)).rejects.toMatchObject({
      code: 'content.account',
      message: expect.stringContaining('one, two'),
    });
  });

  it('is not sent where a distribution point leads to', async () => {
    const other = await digestServer('MD5', 'CORP\\one');
    const server = createServer((_request, response) => {
      response.writeHead(302, { location: other.url });
      response.end();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/objects/ab`;
    const accounts = new ContentAccount(async () => [account('one')]);
    await expect(fetchFrom(url, accounts)).rejects.toMatchObject({
      code: expect.stringContaining('content.'),
    });
    expect(other.seen).toEqual([]);
  });
});

it('answers the example of RFC 7616, section 3.9.1', () => {
  const challenge = parseChallenge(
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
  );
  if (challenge === undefined) throw new Error('no challenge');
  const answer = answerChallenge(
    challenge,
    { user: 'Mufasa', password: 'Circle of Life' },
    {
      method: 'GET',
      uri: '/dir/index.html',
      cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
      count: 1,
    },
  );
  expect(answer).toContain(
    'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"',
  );
});
