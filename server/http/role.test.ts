import { expect, it } from 'vitest';
import { z } from 'zod';
import { HttpError } from './errors.ts';
import { role } from './role.ts';
import { createListener, type HttpApp } from './server.ts';

const listener = (routes: (app: HttpApp) => void) =>
  createListener({
    roles: ['operator', 'public-console'],
    authorize: (_request, name) => {
      if (name === 'operator') throw new HttpError(401, 'operator.unknown', 'Nobody is signed in');
    },
    routes: [routes],
    services: {},
  });
const ok = () => ({ ok: true });

it('does not start with a route that names no role', () => {
  expect(() => listener((app) => app.get('/open', ok))).toThrow(/GET \/open has no role/);
});

it('does not start with a role that belongs to another listener', () => {
  expect(() => listener((app) => app.get('/x', role('agent'), ok))).toThrow(/not served here/);
});

it('refuses before the request is validated or handled', async () => {
  const { app, routes } = listener((app) => {
    app.post('/closed', { ...role('operator'), schema: { body: z.object({ a: z.int() }) } }, ok);
    app.post(
      '/open',
      { ...role('public-console'), schema: { body: z.object({ a: z.int() }) } },
      ok,
    );
  });
  expect(routes.map(({ path, role: name }) => [path, name])).toEqual([
    ['/closed', 'operator'],
    ['/open', 'public-console'],
  ]);
  const post = async (url: string, payload: object | string) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await app.inject({ method: 'POST', url, payload, headers });
    return [answer.statusCode, answer.json<{ code?: string }>().code];
  };
  expect(await post('/closed', { a: 'no number' })).toEqual([401, 'operator.unknown']);
  expect(await post('/open', { a: 1 })).toEqual([200, undefined]);
  expect(await post('/open', { a: 'no number' })).toEqual([400, 'request.invalid']);
  expect(await post('/open', '{"a":')).toEqual([400, 'request.invalid']);
  expect(await post('/open', `{"a":"${'x'.repeat(2_000_000)}"}`)).toEqual([
    413,
    'request.too-large',
  ]);
  expect(await post('/none', {})).toEqual([404, 'request.not-found']);
  await app.close();
});

it('an error that nobody foresaw tells nothing of the inside', async () => {
  const { app } = listener((app) => {
    app.get('/broken', role('public-console'), () => {
      throw new TypeError('secret of the inside');
    });
  });
  const answer = await app.inject('/broken');
  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toContain('secret');
  await app.close();
});
