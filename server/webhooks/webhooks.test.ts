import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunFact } from '#agent/protocol/run-event.ts';
import { runHere } from '../cli/testing/run-here.ts';
import { WebhookMade } from '../http/api-webhooks.ts';
import { isHopeless, nextTry } from '../inventory/webhook.ts';
import { openTestSite, sendFacts, startRun, type TestSite } from '../test-machines.ts';
import { openSiteSecret } from '../trust/site-secret.ts';
import { deliverDue } from './delivery-loop.ts';
import { findTarget } from './target-address.ts';

interface Received {
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}
let site: TestSite;
const received: Received[] = [];
let status = 200;
const peer = createServer((request, response) => {
  let body = '';
  request.on('data', (part: Buffer) => {
    body += part.toString();
  });
  request.on('end', () => {
    received.push({ headers: request.headers, body });
    response.writeHead(status, { location: '/elsewhere' }).end();
  });
});
beforeAll(async () => {
  site = await openTestSite();
  await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  peer.close();
  await site[Symbol.asyncDispose]();
});

const address = () => `http://127.0.0.1:${(peer.address() as AddressInfo).port}/hook`;
async function cli(...argv: string[]) {
  const server = site.app.addresses.console.replace(/\d+\.\d+\.\d+\.\d+/, 'localhost');
  const data = join(site.directory, 'data');
  const ended = await runHere([...argv, '--server', server, '--data', data]);
  expect(ended).toMatchObject({ code: 0, err: '' });
  return ended.out;
}
const disabled: string[] = [];
async function due(allowLocal = true): Promise<number> {
  const { variableKey } = await openSiteSecret(join(site.directory, 'data'));
  return await deliverDue({
    store: site.app.store,
    variableKey,
    allowLocal,
    nowMs: () => site.clock.nowMs,
    onDisabled: (url) => disabled.push(url),
    onError: () => {},
  });
}

it('tells of a run once it is kept, signed, at least once, until it is taken', async () => {
  const made = WebhookMade.parse(
    JSON.parse(await cli('webhook', 'add', address(), '--events', 'run-failed', '--json')),
  );
  expect(await cli('webhook', 'list')).not.toContain(made.secret);
  const machine = await site.machine();
  const sequence = await site.store({
    name: 'S',
    steps: [{ step: 'Say', type: 'set-variable', params: { name: 'A', value: 'b' } }],
  });
  const run = await startRun(machine, await site.deploy(sequence, [machine]));
  const failed: RunFact = {
    kind: 'run-finished',
    succeeded: false,
    code: 5,
    next: 'disk',
    error: { code: 'disk.missing', message: 'none' },
  };
  await sendFacts(machine, run.runId, [failed]);
  await sendFacts(machine, run.runId, [failed]); // the answer was lost: the same again

  // What goes to this machine itself is refused unless it is let.
  expect(await due(false)).toBe(1);
  expect(received).toEqual([]);
  expect(await cli('webhook', 'list')).toContain('webhooks.allowLocal');
  expect(await due()).toBe(0);
  site.clock.nowMs += 10_000;
  status = 307;
  expect(await due()).toBe(1);
  expect(await cli('webhook', 'list')).toContain('it answered 307');
  site.clock.nowMs += 20_000;
  status = 204;
  // Two servers at once: one of them has it.
  const tried = await Promise.all([due(), due()]);
  expect(tried.reduce((sum, count) => sum + count)).toBe(1);
  expect(await due()).toBe(0);
  const [first, second, ...more] = received;
  expect(more).toEqual([]);
  expect(second?.headers['metalwright-delivery']).toBe(first?.headers['metalwright-delivery']);
  const { body = '', headers } = second ?? {};
  expect(JSON.parse(body)).toMatchObject({
    event: 'run-failed',
    run: { id: run.runId, deviceName: 'PC-01', error: { code: 'disk.missing' } },
  });
  const [, time = '', sum] =
    /^t=(\d+),v1=(\w+)$/.exec(String(headers?.['metalwright-signature'])) ?? [];
  expect(Number(time)).toBe(Math.floor(site.clock.nowMs / 1000));
  expect(createHmac('sha256', made.secret).update(`${time}.${body}`).digest('hex')).toBe(sum);
});

it('is off after a week of failures, with the reason, until it is switched on again', async () => {
  const [{ id }] = JSON.parse(await cli('webhook', 'list', '--json'));
  status = 500;
  for (let day = 0; day < 9; day++) {
    await cli('webhook', 'test', id);
    await due();
    site.clock.nowMs += 86_400_000;
  }
  expect(disabled).toEqual([address().replace('/hook', '/…')]);
  expect(JSON.parse(await cli('webhook', 'list', '--json'))).toMatchObject([
    { state: 'disabled', reason: 'it answered 500' },
  ]);
  status = 200;
  expect(await due()).toBe(0);
  await cli('webhook', 'enable', id);
  expect(await due()).toBeGreaterThan(0);
  await cli('webhook', 'remove', id);
  expect(JSON.parse(await cli('webhook', 'list', '--json'))).toEqual([]);
});

it('waits longer each time, for a day at most', () => {
  expect(nextTry({ attempts: 0, createdMs: 0 }, 0)).toBe(10_000);
  expect(nextTry({ attempts: 3, createdMs: 0 }, 0)).toBe(80_000);
  expect(nextTry({ attempts: 60, createdMs: 0 }, 0)).toBe(3_600_000);
  expect(nextTry({ attempts: 60, createdMs: 0 }, 86_000_000)).toBeNull();
  expect(isHopeless(null, 1e12)).toBe(false);
});

it.each([
  ['127.0.0.1', 'refused'],
  ['[::1]', 'refused'],
  ['[::ffff:127.0.0.1]', 'refused'],
  ['169.254.169.254', 'refused'],
  ['[fe80::1]', 'refused'],
  ['0.0.0.0', 'refused'],
  ['localhost', 'refused'],
  ['10.0.0.5', 'address'],
  ['[2001:db8::1]', 'address'],
])('an address like %s is %s', async (host, kind) => {
  expect(await findTarget(host, { allowLocal: false })).toMatchObject({ kind });
});
