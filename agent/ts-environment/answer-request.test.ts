import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StepError } from '../sequence/step-error.ts';
import { StepVariables } from '../sequence/step-variables.ts';
import { Variables } from '../sequence/variables.ts';
import { RequestAnswerer } from './answer-request.ts';

function open() {
  const variables = new StepVariables(
    Variables.none
      .set({ name: '_SMSTSMake', value: 'Acme', secret: false })
      .set({ name: 'Password', value: 'correct-horse', secret: true })
      .set({ name: 'Owner', value: 'lab', secret: false }),
  );
  const answerer = new RequestAnswerer(variables);
  return { variables, ask: async (request: unknown) => answerer.answer(JSON.stringify(request)) };
}

describe('M11 what scripts ask for', () => {
  it('a withheld secret is asked for when a script reads it, and no more than once', async () => {
    const asked: string[][] = [];
    const variables = new StepVariables(
      Variables.none.set({ name: 'Join', value: '', secret: true, withheld: true }),
      {},
      {
        release: async (names) => {
          asked.push([...names]);
          if (asked.length === 1) throw new StepError('secret.trust', 'not yet');
          return [{ name: 'Join', value: 'correct-horse', secret: true }];
        },
      },
    );
    const answerer = new RequestAnswerer(variables);
    const get = async (name: string) => answerer.answer(JSON.stringify({ op: 'get', name }));
    expect(await get('Other')).toEqual({ kind: 'not-set' });
    expect(await answerer.answer('{"op":"list","values":true}')).toEqual({
      kind: 'list',
      variables: [{ name: 'Join', secret: true }],
    });
    expect(asked).toEqual([]);
    expect(await get('JOIN')).toMatchObject({ kind: 'error', code: 'secret.trust' });
    const given = { kind: 'variable', value: 'correct-horse', secret: true };
    expect([await get('join'), await get('Join')]).toEqual([given, given]);
    expect(asked).toEqual([['join'], ['join']]);
    expect([variables.changes(), variables.hide('is correct-horse')]).toEqual([[], 'is ********']);
  });

  it.each([
    ['Owner', { kind: 'variable', value: 'lab', secret: false }],
    ['oWNER', { kind: 'variable', value: 'lab', secret: false }],
    [' Owner ', { kind: 'variable', value: 'lab', secret: false }],
    ['_smstsmake', { kind: 'variable', value: 'Acme', secret: false }],
    ['PASSWORD', { kind: 'variable', value: 'correct-horse', secret: true }],
    ['Other', { kind: 'not-set' }],
    ['', { kind: 'not-set' }],
    ['__proto__', { kind: 'not-set' }],
  ])('get %j answers %j', async (name, answer) => {
    expect(await open().ask({ op: 'get', name })).toEqual(answer);
  });

  it('sets, without case, and deletes with an empty value', async () => {
    const { ask, variables } = open();
    expect(await ask({ op: 'set', name: 'owner', value: 'me' })).toEqual({ kind: 'done' });
    expect(await ask({ op: 'set', name: 'New', value: 'Grüße\n%x%', secret: true })).toEqual({
      kind: 'done',
    });
    expect(await ask({ op: 'set', name: 'Password', value: '' })).toEqual({ kind: 'done' });
    expect(variables.changes()).toEqual([
      { name: 'owner', value: 'me', secret: false },
      { name: 'New', value: 'Grüße\n%x%', secret: true },
      { name: 'Password', value: '', secret: false },
    ]);
    expect(await ask({ op: 'get', name: 'password' })).toEqual({ kind: 'not-set' });
  });

  it.each(['_SMSTSMake', '1A', '', 'a b', 'x'.repeat(300)])('sets no %j', async (name) => {
    const { ask, variables } = open();
    expect(await ask({ op: 'set', name, value: 'x' })).toMatchObject({
      kind: 'error',
      code: 'variable.invalid',
      hint: expect.any(String),
    });
    expect(variables.changes()).toEqual([]);
  });

  it('lists names in order; values only where asked for, and never those of secrets', async () => {
    const { ask } = open();
    const names = [
      { name: '_SMSTSMake', secret: false },
      { name: 'Owner', secret: false },
      { name: 'Password', secret: true },
    ];
    expect(await ask({ op: 'list' })).toEqual({ kind: 'list', variables: names });
    expect(await ask({ op: 'list', values: true })).toEqual({
      kind: 'list',
      variables: [{ ...names[0], value: 'Acme' }, { ...names[1], value: 'lab' }, names[2]],
    });
  });

  it.each([
    undefined,
    null,
    'get',
    {},
    { op: 'exec', name: 'Owner' },
    { op: 'get' },
    { op: 'get', name: 1 },
    { op: 'get', name: 'Owner', value: 'x' },
    { op: 'set', name: 'Owner' },
    { op: 'set', name: 'Owner', value: 'correct-horse', secret: 'yes' },
  ])('answers %j with an error that repeats nothing of it', async (request) => {
    const answer = await open().ask(request ?? 'x');
    expect(answer).toMatchObject({ kind: 'error', code: 'ts.request' });
    expect(JSON.stringify(answer)).not.toContain('correct-horse');
  });

  it('always answers, and sets nothing by a line that is no request', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (line) => {
        const { variables } = open();
        expect((await new RequestAnswerer(variables).answer(line)).kind).toBe('error');
        expect(variables.changes()).toEqual([]);
      }),
    );
  });
});

it('M11 understands the requests that docs/scripts.md shows', async () => {
  const text = await readFile(join(import.meta.dirname, '../../docs/scripts.md'), 'utf8');
  const shown = [...text.matchAll(/^\| `(\{"op".*?\})` \|/gm)].map(([, line = '']) => line);
  const { variables } = open();
  const told: unknown[] = [];
  const answerer = new RequestAnswerer(variables, (each) => told.push(each));
  const kinds: string[] = [];
  for (const line of shown) kinds.push((await answerer.answer(line)).kind);
  expect(kinds).toEqual(['not-set', 'done', 'list', 'done']);
  expect(told).toMatchObject([{ what: 'progress', title: '...', text: '...', step: 1, steps: 4 }]);
});

describe('M11 how much the scripts of one step may set', () => {
  const value = 'x'.repeat(4000);

  it('ends before the step could not be recorded any more', async () => {
    const { ask, variables } = open();
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, n) =>
        ask({ op: 'set', name: `V${n}`, value: '\u0001'.repeat(4000) }),
      ),
    );
    expect(answers.at(0)).toEqual({ kind: 'done' });
    expect(answers.at(-1)).toMatchObject({ kind: 'error', code: 'ts.too-much' });
    expect(Buffer.byteLength(JSON.stringify(variables.changes()))).toBeLessThan(192 * 1024);
  });

  it('counts the last value of each name', async () => {
    const { ask } = open();
    for (let n = 0; n < 200; n++)
      expect(await ask({ op: 'set', name: n % 2 ? 'Same' : 'same', value })).toEqual({
        kind: 'done',
      });
  });

  it('counts each value of a secret: all of them stay hidden', async () => {
    const { ask, variables } = open();
    let set = 0;
    const next = async () =>
      ask({ op: 'set', name: 'S', value: `${set}${value.slice(9)}`, secret: true });
    while ((await next()).kind === 'done') set++;
    expect(set).toBeGreaterThan(10);
    expect(set).toBeLessThan(100);
    expect(variables.hide(`0${value.slice(9)}`)).toBe('********');
  });
});
