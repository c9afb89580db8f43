import { glob, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessMatrix } from '../../access-matrix.ts';
import { unaudited } from './audit.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
});
afterAll(() => site[Symbol.asyncDispose]());

async function list(query: string): Promise<{ id: string; who: string; action: string }[]> {
  const answer = await site.app.inject({
    url: `/api/v1/audit?${query}`,
    headers: { authorization: `Bearer ${site.token}` },
  });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

it('is read by who, action, area and time, page by page, also within one millisecond', async () => {
  const { store } = site.services;
  for (let index = 0; index < 25; index++)
    await store.audit.add(`entry-${String(index).padStart(2, '0')}`, {
      atMs: 1000 + Math.floor(index / 10),
      who: index % 2 === 0 ? 'ann' : 'bea/script',
      action: index % 5 === 0 ? 'device.approve' : index % 5 === 1 ? 'devices.x' : 'person.add',
      detail: { index },
    });
  const all = await list('limit=1000');
  expect(all).toHaveLength(25);
  const pages: string[] = [];
  for (let after = ''; ; ) {
    const page = await list(`limit=7${after}`);
    pages.push(...page.map(({ id }) => id));
    if (page.length < 7) break;
    after = `&after=${page.at(-1)?.id ?? ''}`;
  }
  expect(pages).toEqual(all.map(({ id }) => id));
  expect(await list('who=bea/script')).toHaveLength(12);
  expect(await list('action=device')).toHaveLength(5);
  expect(await list('action=device.approve&who=ann')).toHaveLength(3);
  expect(await list('from=1001&to=1002')).toHaveLength(10);
  expect(await list('after=no-such-entry')).toEqual([]);
});

it('has no route that changes an entry, and no statement in the store that does but for its retention', async () => {
  const routes = [...accessMatrix.keys()].filter((route) => route.includes('/audit'));
  expect(routes.every((route) => route.startsWith('GET '))).toBe(true);
  const folder = new URL('../../../', import.meta.url);
  for await (const path of glob('{store,http,trust}/**/*.ts', { cwd: folder })) {
    // What is older than the operator has it kept is taken away, there alone.
    if (path.endsWith('.test.ts') || path === 'store/retention.ts') continue;
    const source = await readFile(new URL(path, folder), 'utf8');
    expect(source, path).not.toMatch(/(deleteFrom|updateTable)\('audit'\)/);
  }
});

it('knows no exception that is no route', () => {
  const routes = new Set(site.routes.map(({ method, path }) => `${method} ${path}`));
  expect([...unaudited].filter((route) => !routes.has(route))).toEqual([]);
});

it('every file of routes that change something writes entries', async () => {
  const files = new URL('./', import.meta.url);
  for await (const name of glob('*.ts', { cwd: files })) {
    if (/\.test\.ts$|^test-/.test(name)) continue;
    const source = await readFile(new URL(name, files), 'utf8');
    const handlers = source.split(/\bapp\.(?=(?:get|post|put|delete)\()/).slice(1);
    for (const handler of handlers) {
      const [, method = '', path = ''] = /^(\w+)\(\s*['"`]([^'"`]+)/.exec(handler) ?? [];
      if (method === 'get' || method === '' || path === '') continue;
      if (unaudited.has(`${method.toUpperCase()} ${path}`)) continue;
      expect(handler, `${name}: ${method} ${path}`).toMatch(/record(Change|SignIn)\(|record\w*\(/);
    }
  }
});
