import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { addDevice, startRun } from '../routes/operator/test-bench.ts';
import { openTestConsole, type TestConsole } from '../routes/operator/test-console.ts';
import { valuesOf, words } from './arbitrary.testing.ts';
import { operations } from './operations.ts';

/** Requests to each route; more, to look longer. */
const RUNS = Number(process.env['METALWRIGHT_FUZZ_RUNS'] ?? 4);

let site: TestConsole;
let ids: string[];
beforeAll(async () => {
  // A request that has nothing to change writes no audit entry; the tests of the routes look at those that do.
  site = await openTestConsole({ tls: false, prepare: () => {} });
  const device = await addDevice(site, 1);
  const run = await startRun(site, device);
  const { store } = site.services;
  const stored = [await store.sequences.list(), await store.deployments.list()].flat();
  ids = [device.id, run, ...stored.map(({ id }) => id), 'SMS00001', 'child-sequences', 'PC01'];
});
afterAll(() => site[Symbol.asyncDispose]());

const known = new Set(
  [
    ...readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8').matchAll(
      /^\| `([^`]+)`/gm,
    ),
  ].map(([, code]) => code),
);

const Problem = z.object({ code: z.string(), message: z.string().min(1), status: z.int() });

/** What one route is sent: segments of its path, its query, its body. */
function requestsTo(path: string, schema: { body?: z.ZodType; querystring?: z.ZodType }) {
  const names = [...path.matchAll(/:\w+/g)].map(([name]) => name);
  return fc.record({
    url: fc
      .array(
        fc.oneof(
          { weight: 3, arbitrary: fc.constantFrom(...ids) },
          { arbitrary: words, weight: 1 },
        ),
        {
          minLength: names.length,
          maxLength: names.length,
        },
      )
      .map((values) =>
        names.reduce(
          (url, name, at) =>
            url.replace(name, encodeURIComponent((values[at] ?? '').toWellFormed())),
          path,
        ),
      ),
    query: schema.querystring === undefined ? fc.constant({}) : valuesOf(schema.querystring),
    body: schema.body === undefined ? fc.jsonValue() : valuesOf(schema.body),
    /** Sent as a file would be. */
    bytes: fc.boolean(),
  });
}

function queryOf(value: unknown): string {
  const { data = {} } = z.record(z.string(), z.unknown()).safeParse(value);
  const pairs = Object.entries(data).map(([name, one]): [string, string] => [
    name.toWellFormed(),
    (typeof one === 'string' ? one : JSON.stringify(one ?? null)).toWellFormed(),
  ]);
  return new URLSearchParams(pairs).toString();
}

it('answers whatever is sent to a route with what it is documented to answer, or with a known error', async () => {
  const seen = new Set<string>();
  for (const [route, { answer }] of operations) {
    const [method = '', path = ''] = route.split(' ');
    if (answer === 'events' || path.endsWith('/log')) continue; // held open while nothing moves
    const entry = site.routes.find((one) => one.method === method && one.path === path);
    await fc.assert(
      fc.asyncProperty(
        requestsTo(path, entry?.schema ?? {}),
        async ({ url, query, body, bytes }) => {
          const reply = await site.app.inject({
            method:
              method === 'GET'
                ? 'GET'
                : method === 'PUT'
                  ? 'PUT'
                  : method === 'DELETE'
                    ? 'DELETE'
                    : 'POST',
            url: `${url}?${queryOf(query)}`,
            headers: {
              authorization: `Bearer ${site.token}`,
              ...(method === 'GET'
                ? {}
                : { 'content-type': bytes ? 'application/octet-stream' : 'application/json' }),
            },
            ...(method === 'GET' ? {} : { payload: JSON.stringify(body) ?? '' }),
          });
          const shown = `${route} ${url} ${JSON.stringify(body)}: ${reply.statusCode} ${reply.body.slice(0, 300)}`;
          seen.add(`${route} ${reply.statusCode >= 400 ? 'refused' : 'done'}`);
          if (reply.statusCode >= 400) {
            expect(reply.statusCode, shown).toBeLessThan(500);
            const problem = Problem.safeParse(JSON.parse(reply.body));
            expect(problem.success && known.has(problem.data.code), shown).toBe(true);
          } else if (answer === 'nothing') expect(reply.statusCode, shown).toBe(204);
          else if (typeof answer !== 'string')
            expect(answer.safeParse(JSON.parse(reply.body)).error?.issues, shown).toBeUndefined();
        },
      ),
      { numRuns: RUNS },
    );
  }
  // The test is worth something only where both happened.
  expect([...seen].filter((each) => each.endsWith('done')).length).toBeGreaterThan(25);
  expect([...seen].filter((each) => each.endsWith('refused')).length).toBeGreaterThan(25);
}, 120_000);
