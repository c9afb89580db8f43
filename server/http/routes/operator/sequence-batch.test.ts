import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openTestConsole, type TestConsole } from './test-console.ts';
import { noteContents } from './test-reset.ts';

let site: TestConsole;
let reset: () => Promise<void>;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
  await site.services.store.settings.change({ features: { childSequences: true } });
  reset = await noteContents(site);
});
afterEach(() => reset());
afterAll(() => site[Symbol.asyncDispose]());

async function send(body: unknown, type = 'application/octet-stream') {
  const answer = await site.app.inject({
    method: 'POST',
    url: '/api/v1/sequences/batch',
    headers: { authorization: `Bearer ${site.token}`, 'content-type': type },
    payload: body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body),
  });
  return { status: answer.statusCode, body: answer.json() };
}

const sequence = (name: string, steps: readonly object[], more: object = {}) => ({
  text: JSON.stringify({ name, steps }),
  format: 'json',
  as: 'ready',
  ...more,
});
const say = { step: 'Say', type: 'set-variable', params: { name: 'Said', value: '1' } };
const runs = (name: string) => ({
  step: `Run ${name}`,
  type: 'run-sequence',
  params: { sequence: { name } },
});
const list = async () =>
  (await site.services.store.sequences.list()).map(({ name, version, state }) => [
    name,
    version,
    state,
  ]);

describe('M24 a batch', () => {
  it('is kept together, in any order of parents and children', async () => {
    const sequences = [
      sequence('A', [runs('B'), runs('C')]),
      sequence('B', [runs('C')]),
      sequence('C', [say], { id: 'ABC00001' }),
      sequence('D', [runs('Nowhere')], { as: 'ready-or-draft' }),
      sequence('E', [say], { as: 'draft' }),
    ];
    const { status, body } = await send({ packages: [], sequences });
    expect(status).toBe(200);
    const states = body.sequences.map(({ state }: { state: string }) => state);
    expect(states).toEqual(['ready', 'ready', 'ready', 'draft', 'draft']);
    expect(body.sequences[2].id).toBe('ABC00001');
    expect(body.sequences[3].problems).toMatchObject([{ code: 'sequence.child-missing' }]);
    const audit = await site.services.store.audit.list(1);
    expect(audit).toMatchObject([{ action: 'sequence.import' }]);
  });

  it.each([
    {
      what: 'a reference that leads nowhere',
      others: [sequence('Last', [runs('Nowhere')])],
      error: { status: 409, code: 'sequence.reference' },
    },
    {
      what: 'a circle',
      others: [sequence('X', [runs('Y')]), sequence('Y', [runs('Z')]), sequence('Z', [runs('X')])],
      error: { status: 409, code: 'sequence.child-cycle' },
    },
    {
      what: 'a name twice',
      others: [sequence('First', [runs('Last')])],
      error: { status: 409, code: 'sequence.exists' },
    },
    {
      what: 'a text that is none',
      others: [{ ...sequence('Last', []), text: 'name: [' }],
      error: { status: 400, code: 'sequence.text' },
    },
    {
      what: 'another version than was known',
      others: [sequence('Last', [say], { baseVersion: 2 })],
      error: { status: 409, code: 'sequence.version-conflict' },
    },
    {
      what: 'a setting that is none',
      others: [{ ...sequence('Last', [say]), as: 'well' }],
      error: { status: 400, code: 'sequence.batch' },
    },
  ])('is not kept at all with $what', async ({ others, error }) => {
    const before = await list();
    const sequences = [sequence('First', [say]), ...others];
    const { status, body } = await send({ packages: [], sequences });
    expect({ status, code: body.code }).toEqual(error);
    expect(await list()).toEqual(before);
  });

  it('takes bytes that are JSON, and nothing else', async () => {
    expect(await send(new Uint8Array([0xff, 0x00]))).toMatchObject({
      status: 400,
      body: { code: 'sequence.batch' },
    });
    expect(await send({ packages: [], sequences: [] }, 'application/json')).toMatchObject({
      status: 415,
      body: { code: 'sequence.batch' },
    });
    const upload = '00000000-0000-4000-8000-000000000000';
    const packages = [{ upload, kind: 'package', images: [], baseVersion: 0 }];
    expect((await send({ packages, sequences: [] })).body.code).toBe('upload.not-found');
  });
});
