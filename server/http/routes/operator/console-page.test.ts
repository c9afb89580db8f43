import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openConsole } from '../../../console/built-console.ts';
import { pagePaths } from '../../../console/page-paths.ts';
import { createListener } from '../../server.ts';
import { consolePageRoutesOf } from './console-page.ts';

const page = '<!doctype html><script src="/console/index-1.js"></script>';
let folder: string;
let app: ReturnType<typeof createListener>['app'];
beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'metalwright-pages-')), 'built');
  ({ app } = createListener({
    roles: ['public-console'],
    authorize: () => {},
    routes: [consolePageRoutesOf(openConsole(folder))],
    services: {},
  }));
});
afterAll(async () => {
  await app.close();
  await rm(join(folder, '..'), { recursive: true, force: true });
});

async function lay(
  index: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  atMs: number,
) {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries({ ...files, 'index.html': index }))
    await writeFile(join(folder, name), text);
  await utimes(join(folder, 'index.html'), atMs / 1000, atMs / 1000);
}

describe('pages of the console', () => {
  it('says plainly that it is not built, with the command, and needs no restart when it is', async () => {
    const before = await app.inject({ url: '/' });
    expect(before.statusCode).toBe(503);
    expect(before.headers['content-type']).toContain('text/html');
    expect(before.body).toContain('npm run build-console');
    expect(before.body).not.toMatch(/<style|style=|<script/);
    expect((await app.inject({ url: '/console/page.css' })).statusCode).toBe(200);
    await lay(page, { 'index-1.js': 'one()' }, 1_000_000);
    expect((await app.inject({ url: '/' })).body).toBe(page);
  });

  it('answers every page with the same document, which is asked for again each time', async () => {
    for (const path of pagePaths) {
      const answer = await app.inject({ url: path.replace(':id', 'x') });
      expect([answer.statusCode, answer.body], path).toEqual([200, page]);
      expect(answer.headers['cache-control']).toBe('no-cache');
      expect(answer.headers['content-security-policy']).not.toContain('unsafe');
    }
    const { etag } = (await app.inject({ url: '/' })).headers;
    const again = await app.inject({ url: '/', headers: { 'if-none-match': String(etag) } });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });

  it('serves files named by their hash for ever, compressed to who takes that', async () => {
    const code = 'one();'.repeat(500);
    await lay(page, { 'index-2.js': code, 'index-2.js.br': brotliCompressSync(code) }, 2_000_000);
    await app.inject({ url: '/' });
    const plain = await app.inject({ url: '/console/index-2.js' });
    expect(plain.body).toBe(code);
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.headers['cache-control']).toContain('immutable');
    expect(plain.headers['vary']).toBe('accept-encoding');
    const small = await app.inject({
      url: '/console/index-2.js',
      headers: { 'accept-encoding': 'gzip, br' },
    });
    expect(small.headers['content-encoding']).toBe('br');
    expect(small.rawPayload.length).toBeLessThan(200);
    // What a page that is open still loads is there after another build.
    await rm(join(folder, 'index-2.js'));
    await lay('<!doctype html>3', { 'index-3.js': 'three()' }, 3_000_000);
    expect((await app.inject({ url: '/' })).body).toBe('<!doctype html>3');
    expect((await app.inject({ url: '/console/index-2.js' })).statusCode).toBe(200);
    expect((await app.inject({ url: '/console/index-3.js' })).body).toBe('three()');
  });

  it.each(['/console/index.html', '/console/..%2Fpackage.json', '/console/nothing.js'])(
    'has no file %s',
    async (url) => {
      const answer = await app.inject({ url });
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ code: 'console.file' });
    },
  );
});
