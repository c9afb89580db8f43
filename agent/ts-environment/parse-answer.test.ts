import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TsAnswer } from './messages.ts';
import { parseAnswer } from './parse-answer.ts';
import { TsError } from './ts-error.ts';

it.each<TsAnswer>([
  { kind: 'not-set' },
  { kind: 'done' },
  { kind: 'variable', value: '', secret: true },
  { kind: 'list', variables: [] },
  {
    kind: 'list',
    variables: [
      { name: 'A', secret: true },
      { name: 'B', secret: false, value: 'b' },
    ],
  },
  { kind: 'error', code: 'a.b', message: 'c' },
  { kind: 'error', code: 'a.b', message: 'c', hint: 'd' },
])('reads %j as it was written', (answer) => {
  expect(parseAnswer(JSON.stringify(answer))).toEqual(answer);
});

it.each([
  '',
  '{',
  'null',
  '[]',
  '{"kind":"variable","value":1,"secret":false}',
  '{"kind":"list","variables":[{"name":"A"}]}',
  '{"kind":"list"}',
  '{"kind":"error","code":"a.b"}',
  '{"kind":"other"}',
])('refuses %j', (line) => {
  expect(() => parseAnswer(line)).toThrow(expect.objectContaining({ code: 'ts.answer' }));
});

it('throws nothing else, whatever comes', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      try {
        parseAnswer(line);
      } catch (error) {
        expect(error).toBeInstanceOf(TsError);
      }
    }),
  );
});
