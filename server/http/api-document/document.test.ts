import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { addDevice, startRun } from '../routes/operator/test-bench.ts';
import { openTestConsole, type TestConsole } from '../routes/operator/test-console.ts';
import { operations } from './operations.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
  await startRun(site, await addDevice(site, 1));
  await addDevice(site, 2, { state: 'waiting', firmware: null, architecture: null });
});
afterAll(() => site[Symbol.asyncDispose]());

const Document = z.object({
  openapi: z.literal('3.1.1'),
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ operationId: z.string(), summary: z.string() })),
  ),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});

async function get(path: string) {
  return await site.app.inject({
    method: 'GET',
    url: path,
    headers: { authorization: `Bearer ${site.token}` },
  });
}

async function document() {
  return Document.parse((await get('/api/v1/openapi.json')).json());
}

it('tells every route of the API, and no other', async () => {
  const { paths } = await document();
  const told = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const routes = site.routes
    .filter(({ method, path }) => path.startsWith('/api/') && method !== 'HEAD')
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  expect(told.toSorted()).toEqual(routes.toSorted());
});

it('names each operation once, and has schemas that a validator takes', async () => {
  const { paths, components } = await document();
  const ids = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  for (const schema of Object.values(components.schemas)) ajv.compile(schema);
});

it('answers what the document says, on every route that reads', async () => {
  const sequence = (await get('/api/v1/sequences')).json()[0].id;
  const run = (await get('/api/v1/runs')).json()[0].id;
  const deployment = (await get('/api/v1/deployments')).json()[0].id;
  const given = {
    deployments: deployment,
    sequences: sequence,
    runs: run,
    devices: 'PC01',
    collections: 'All Systems',
  };
  const read: string[] = [];
  for (const [route, { answer }] of operations) {
    const [method, path = ''] = route.split(' ');
    if (method !== 'GET' || typeof answer === 'string') continue;
    const kind = path.split('/')[3] ?? '';
    const id = Object.entries(given).find(([name]) => name === kind)?.[1];
    const url = path
      .replace(':id', encodeURIComponent(id ?? '-'))
      .replace(':version', '1')
      .replace('/log', '/log?offset=0')
      .replace('/find', '/find?id=PCI')
      .replace('/coverage', '/coverage?model=X');
    const reply = await get(url);
    if (reply.statusCode === 404 && url.includes('/-')) continue;
    expect([url, reply.statusCode]).toEqual([url, 200]);
    const parsed = answer.safeParse(reply.json());
    expect([url, parsed.error?.issues]).toEqual([url, undefined]);
    expect([url, parsed.data]).toEqual([url, reply.json()]);
    read.push(url);
  }
  expect(read.length).toBeGreaterThan(20);
});

it('an error leads to what its code means, for whoever asks', async () => {
  const refused = await get('/api/v1/devices/none/variables');
  expect(refused.headers['content-type']).toContain('application/problem+json');
  expect(refused.json()).toMatchObject({
    type: '/errors/device.not-found',
    title: 'Not Found',
    status: 404,
    code: 'device.not-found',
    detail: 'There is no device "none"',
  });
  const meaning = await site.app.inject({ method: 'GET', url: refused.json().type });
  expect(meaning.statusCode).toBe(200);
  expect(meaning.body).toContain('device.not-found');
  expect(meaning.body).toContain('What to do: ');
  expect((await site.app.inject({ method: 'GET', url: '/errors/no.such' })).statusCode).toBe(404);
});
