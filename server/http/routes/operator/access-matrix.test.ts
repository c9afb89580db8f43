import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SESSION_COOKIE } from '../../../trust/operator-access.ts';
import { PersonRole } from '../../../trust/person-role.ts';
import { hash, newToken } from '../../../trust/token.ts';
import { formatAccessDocs } from '../../access-docs.ts';
import { accessMatrix, readingPosts, rolesOf } from '../../access-matrix.ts';
import { role } from '../../role.ts';
import { createListener } from '../../server.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';

let site: TestConsole;
beforeAll(async () => {
  // Whoever was let in gets no further: nothing is done, and no stream is opened.
  site = await openTestConsole({
    tls: false,
    prepare: (app) => {
      app.addHook('preHandler', async (_request, reply) => reply.status(204).send());
    },
  });
});
afterAll(() => site[Symbol.asyncDispose]());

/** A token kept as the store keeps it, of a role. */
async function keep(token: {
  readonly kind: 'session' | 'link' | 'api';
  readonly role?: PersonRole;
  readonly expiresMs?: number;
  readonly scope?: { readonly readOnly: boolean; readonly areas: string[] };
}): Promise<string> {
  const text = newToken();
  const now = Date.now();
  await site.services.store.operators.add({
    hash: hash(text),
    id: text.slice(0, 8),
    kind: token.kind,
    name: 'somebody',
    personId: null,
    role: token.role ?? 'administrator',
    scope: token.scope ?? null,
    remoteAddress: '10.0.5.9',
    nowMs: now,
    expiresMs: token.expiresMs ?? now + 60_000,
  });
  return text;
}

const guarded = () => site.routes.filter((route) => route.role === 'operator');

async function ask(route: { method: string; path: string }, headers: Record<string, string>) {
  const url = route.path.replaceAll(/:\w+/g, '00000000-0000-4000-8000-000000000000');
  const method = route.method as 'GET';
  const answer = await site.app.inject({ method, url, headers, payload: {} });
  const isProblem = String(answer.headers['content-type']).includes('problem+json');
  const { code = '', message = '' } =
    isProblem && answer.body !== '' ? answer.json<{ code?: string; message?: string }>() : {};
  return { status: answer.statusCode, code, message };
}

it('lets each role into exactly the routes of its rows, by session and by API token', async () => {
  expect(guarded().length).toBeGreaterThan(60);
  for (const name of PersonRole.options) {
    const session = { cookie: `${SESSION_COOKIE}=${await keep({ kind: 'session', role: name })}` };
    const token = { authorization: `Bearer ${await keep({ kind: 'api', role: name })}` };
    for (const route of guarded()) {
      const allowed = rolesOf(accessMatrix, route) ?? [];
      for (const credential of [{ ...session, 'x-metalwright-console': '1' }, token]) {
        const { status, code, message } = await ask(route, credential);
        const where = `${name}: ${route.method} ${route.path}`;
        if (allowed.includes(name)) expect([401, 403], where).not.toContain(status);
        else {
          expect(status, where).toBe(403);
          if (route.method === 'HEAD') continue;
          expect(code, where).toBe('session.role');
          for (const other of allowed) expect(message).toContain(other);
        }
      }
    }
  }
});

it('answers no guarded route without a session, or with one that has ended or is none', async () => {
  const ended = await keep({ kind: 'session', expiresMs: Date.now() - 1 });
  const link = await keep({ kind: 'link' });
  const used = await keep({ kind: 'session' });
  await site.services.access.signOut(used);
  const credentials: Record<string, string>[] = [
    {},
    { cookie: `${SESSION_COOKIE}=${ended}` },
    { cookie: `${SESSION_COOKIE}=${used}` },
    { cookie: `${SESSION_COOKIE}=${link}` },
    { cookie: `${SESSION_COOKIE}=` },
    { authorization: `Bearer ${link}` },
    { authorization: `DPoP ${site.token}` },
    { authorization: `Basic ${Buffer.from(`admin:${site.token}`).toString('base64')}` },
    { authorization: `Bearer ${site.token}x` },
  ];
  for (const credential of credentials)
    for (const route of guarded()) {
      const { status, code } = await ask(route, credential);
      expect(status, `${JSON.stringify(credential)} ${route.method} ${route.path}`).toBe(401);
      if (route.method !== 'HEAD') expect(code).toBe('session.required');
    }
});

it('holds an API token to its scope', async () => {
  const reads = { authorization: `Bearer ${await keepScoped({ readOnly: true, areas: [] })}` };
  const devices = {
    authorization: `Bearer ${await keepScoped({ readOnly: false, areas: ['devices'] })}`,
  };
  const get = { method: 'GET', path: '/api/v1/runs' };
  const post = { method: 'POST', path: '/api/v1/devices' };
  expect((await ask(get, reads)).status).toBe(204);
  expect((await ask(post, reads)).code).toBe('token.scope');
  const check = { method: 'POST', path: '/api/v1/deployments/check' };
  expect((await ask(check, reads)).status).not.toBe(403);
  expect((await ask(check, devices)).code).toBe('token.scope');
  expect((await ask(get, devices)).code).toBe('token.scope');
  expect((await ask(post, devices)).status).not.toBe(403);
});

const keepScoped = (scope: { readOnly: boolean; areas: string[] }) => keep({ kind: 'api', scope });

it('an auditor may read everything, and change nothing but what he is signed in with', () => {
  for (const [route, allowed] of accessMatrix) {
    const isRead = route.startsWith('GET ') || readingPosts.has(route);
    const isOwn = / \/api\/v1\/(session|sessions|tokens)(\/|$)/.test(route);
    expect([route, allowed.includes('auditor')]).toEqual([route, isRead || isOwn]);
    expect([route, allowed.includes('administrator')]).toEqual([route, true]);
  }
});

it('has no row without a route, and does not start with a route without a row', () => {
  const routes = new Set(guarded().map(({ method, path }) => `${method} ${path}`));
  expect([...accessMatrix.keys()].filter((route) => !routes.has(route))).toEqual([]);
  const start = () =>
    createListener({
      roles: ['operator'],
      authorize: () => {},
      access: accessMatrix,
      routes: [(app) => app.get('/api/v1/forgotten', role('operator'), () => ({}))],
      services: {},
    });
  expect(start).toThrow('GET /api/v1/forgotten has no row in server/http/access-matrix.ts');
});

it('shows the table in docs/access.md: node scripts/write-access-docs.ts', async () => {
  const page = await readFile(new URL('../../../../docs/access.md', import.meta.url), 'utf8');
  expect(page).toBe(formatAccessDocs(accessMatrix));
});
