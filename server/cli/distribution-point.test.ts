import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { sendFile } from '../content/send-file.ts';
import { openTestConsole, type TestConsole } from '../http/routes/operator/test-console.ts';
import { openSiteCa } from '../trust/site-ca.ts';
import { runHere } from './testing/run-here.ts';

let site: TestConsole;
let server: string[];
let web: Server;
let url = '';
const file = (path: string) => join(site.dataDirectory, path);
const run = async (...argv: string[]) => runHere([...argv, ...server]);

beforeAll(async () => {
  site = await openTestConsole({ tls: true });
  server = ['--server', await site.listen(), '--data', site.dataDirectory];
  web = createServer((request, response) => {
    const path = file(join('web', request.url ?? ''));
    readFile(path).then(
      ({ length }) => sendFile(request, response, { path, sizeBytes: length }),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const address = web.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  await put('src/one/a.txt', 'first');
  await put('src/one/deep/b.txt', 'second');
  await put('src/two/a.txt', 'first');
  await run('package', 'add', file('src/one'), '--name', 'One');
  await run('package', 'add', file('src/two'), '--name', 'Two');
});
afterAll(async () => {
  web.close();
  await site[Symbol.asyncDispose]();
});

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(file(path)), { recursive: true });
  await writeFile(file(path), text);
}

it('M52 a distribution point is made, filled, checked, repaired, pruned and removed', async () => {
  const made = await run('dp', 'add', 'Branch', '--url', `${url}/`, '--group', 'site default');
  expect(made).toMatchObject({ code: 0, err: '' });
  const nothing = await run('dp', 'sync', 'branch', '--to', file('web'));
  expect([nothing.code, nothing.err]).toEqual([2, expect.stringContaining('[cli.usage]')]);

  const filled = await run('dp', 'sync', 'branch', '--to', file('web'), '--package', 'one');
  expect(filled).toMatchObject({ code: 0, err: '' });
  expect(filled.out).toMatch(/version 1 "One": 2 of 2 files, 11 B\n"Branch" has 1 package, 2 obj/);
  expect((await run('dp', 'list')).out).toMatch(
    /Branch +http:\S+ +enabled +1 of 2 +0 +Site default/,
  );
  const right = await run('dp', 'verify', 'Branch');
  expect(right).toMatchObject({ code: 0, out: '2 objects were read, 0 are not right\n' });

  const { objects } = JSON.parse(await manifestOf('One')) as {
    objects: { path: string; sha256: string }[];
  };
  const [first, second] = objects.map(
    ({ sha256 }) => `web/content/${sha256.slice(0, 2)}/${sha256}`,
  );
  await put(first ?? '', 'fIrst');
  await put('web/content/readme', 'mine');
  const found = await run('dp', 'verify', 'Branch');
  expect(found.code).toBe(1);
  expect(found.out).toMatch(/^damaged: a\.txt of MW1\w+ version 1: it has other bytes\n2 objects/);
  const inFolder = await run('dp', 'verify', 'Branch', '--folder', file('web'), '--no-note');
  expect(inFolder.out).toMatch(/^damaged: a\.txt .*\nextra: content\/readme\n2 objects/);
  expect((await run('dp', 'show', 'Branch')).out).toMatch(
    /One +1 +1 +damaged .*a\.txt: it has other/,
  );

  // What is damaged is found again by its hash, although its size is right.
  await put('src/one/c.txt', 'third');
  await run('package', 'add', file('src/one'), '--name', 'One');
  const again = await run('dp', 'sync', 'Branch', '--to', file('web'), '--verify');
  expect(again.out).toContain('a.txt of');
  expect(again.out).toMatch(/version 2 "One": 2 of 3 files/);
  expect((await run('dp', 'verify', 'Branch')).code).toBe(0);

  const swapped = ['--package', 'Two', '--remove', 'One'];
  const kept = await run('dp', 'sync', 'Branch', '--to', file('web'), ...swapped);
  expect(kept.out).toMatch(/2 objects that are no longer used, 11 B, are still there: --prune/);
  const pruned = await run('dp', 'sync', 'Branch', '--to', file('web'), '--prune');
  expect(pruned.out).toMatch(/left alone.*content\/readme\ndeleted 2 objects/);
  await expect(readFile(file(second ?? ''))).rejects.toThrow('ENOENT');
  expect(await readFile(file(first ?? ''), 'utf8')).toBe('first');
  expect((await run('dp', 'verify', 'Branch')).out).toBe('1 objects were read, 0 are not right\n');

  await put('web/.metalwright-sync', 'elsewhere 1\n');
  const busy = await run('dp', 'sync', 'Branch', '--to', file('web'));
  expect(busy.err).toContain('[distribution-point.busy]');
  expect((await run('dp', 'disable', 'Branch')).out).toBe('"Branch" is disabled\n');
  expect((await run('dp', 'remove', 'Branch')).code).toBe(0);
  const own = await run('dp', 'remove', 'this server');
  expect(own.err).toContain('[distribution-point.server]');
});

it('M52 boundary groups say which machines use which distribution points', async () => {
  await run('dp', 'add', 'Near', '--url', 'https://near.example:8443/mw');
  await run('dp', 'add', 'Far', '--url', 'http://far.example');
  const office = ['Office', '--boundary', '10.1.0.0/16', '2001:db8::/32', '--point', 'near'];
  expect((await run('boundary-group', 'create', ...office)).code).toBe(0);
  await run(
    'boundary-group',
    'create',
    'Plant',
    '--boundary',
    '10.2.0.1-10.2.0.9',
    '--point',
    'Far',
  );
  const set = await run('boundary-group', 'set', 'Office', '--neighbor', 'plant');
  expect(set.out).toMatch(/neighbors: Plant\nsite default group: allowed\n$/);
  const locate = (...words: string[]) => run('boundary-group', 'locate', ...words);
  expect((await locate('10.1.2.3')).out).toBe(
    '10.1.2.3 is in boundary group "Office", from which it may not fall back to its neighbor "Plant", the site default group\n1. Near, https://near.example:8443/mw\n',
  );
  expect((await locate('2001:db8::7', '--neighbors', '--site-default')).out).toBe(
    '2001:db8::7 is in boundary group "Office"\n1. Near, https://near.example:8443/mw\n2. Far, http://far.example\n3. This server\n',
  );
  const wrong = await run('boundary-group', 'create', 'Bad', '--boundary', '10.1.0.0/99');
  expect(wrong.err).toContain('[boundary.invalid]');
  const unknown = await run('boundary-group', 'set', 'Office', '--point', 'Nere');
  expect(unknown.err).toMatch(/\[distribution-point\.not-found\]\n.*\n.*did you mean "Near"/);
  expect((await run('boundary-group', 'remove', 'Plant')).code).toBe(0);
  expect((await run('boundary-group', 'list')).out).toMatch(
    /Office +10\.1\.0\.0\/16, 2001:db8::\/32 +Near/,
  );
});

async function manifestOf(name: string): Promise<string> {
  const all = await site.services.store.packages.list('package');
  const id = all.find((one) => one.name === name)?.id;
  const bytes = id === undefined ? null : await site.services.store.packages.manifest(id);
  return new TextDecoder().decode(bytes ?? new Uint8Array());
}

it('M52 dp verify asks an HTTPS server for a certificate that is trusted, as machines do', async () => {
  await mkdir(file('dp'));
  const { serverKey, serverCertificate, caCertificate } = await openSiteCa(file('dp'), [
    '127.0.0.1',
  ]);
  const secure = createSecureServer({ key: serverKey, cert: serverCertificate }, (_, response) =>
    response.writeHead(404).end(),
  );
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void secure.close());
  const address = secure.address();
  const at = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  await put('ca.pem', caCertificate);
  await put('no-ca.pem', serverCertificate);
  const refused = await run('dp', 'add', 'Secure', '--url', at, '--ca', file('no-ca.pem'));
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('no CA certificate')]);
  expect((await run('dp', 'add', 'Secure', '--url', at)).code).toBe(0);
  await run('dp', 'sync', 'Secure', '--to', file('secure'), '--all');
  const verify = async () => {
    const { out, err } = await run('dp', 'verify', 'Secure', '--no-note');
    return out + err;
  };
  expect(await verify()).toMatch(/self-signed|unable to verify|certificate/i);
  expect((await run('dp', 'set', 'Secure', '--ca', file('ca.pem'))).out).toContain('CA of its own');
  expect(await verify()).toContain('404');
  expect((await run('dp', 'set', 'Secure', '--system-cas')).code).toBe(0);
  expect(await verify()).not.toContain('404');
});

it('M38 a share is made known, filled and checked in its folder, and shown as people write it', async () => {
  const made = await run('dp', 'add', 'Files', '--share', '//files.example/content/mw');
  expect(made.out).toContain('made distribution point "Files"');
  expect(made.out).toContain('at //files.example/content/mw\n');
  const filled = await run('dp', 'sync', 'Files', '--to', file('share'), '--package', 'one');
  expect(filled).toMatchObject({ code: 0, err: '' });
  const unread = await run('dp', 'verify', 'Files');
  expect([unread.code, unread.err]).toEqual([
    2,
    expect.stringContaining('--folder <where //files.example/content/mw is mounted>'),
  ]);
  const right = await run('dp', 'verify', 'Files', '--folder', file('share'));
  expect(right).toMatchObject({ code: 0, out: '3 objects were read, 0 are not right\n' });
  const moved = await run('dp', 'set', 'Files', '--share', '\\\\other.example\\content');
  expect(moved.out).toContain('//other.example/content, enabled');
  expect((await run('dp', 'list')).out).toMatch(/Files +\/\/other\.example\/content +enabled/);
  for (const words of [['--url', url, '--share', '//a/b'], ['--share', 'a/b'], []])
    expect((await run('dp', 'add', 'No', ...words)).err).toContain('[cli.usage]');
});
