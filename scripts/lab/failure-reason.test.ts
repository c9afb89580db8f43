import { expect, it } from 'vitest';
import { CommandError } from './child.ts';
import { failureReason } from './failure-reason.ts';
import { Mismatch } from './scenario.ts';
import { LabTimeout } from './wait.ts';

/** As if it came through that line of a scenario. */
function at(place: string, error: Error): Error {
  error.stack = `${error.name}: ${error.message}
    at waitFor (file://${import.meta.dirname}/wait.ts:30:13)
    at async Object.run (file://${import.meta.dirname}/scenarios/${place}:7)
    at async Object.run (file://${import.meta.dirname}/scenarios/outer.ts:1:1)`;
  return error;
}

it.each([
  {
    what: 'what was waited for, without the evidence',
    failure: at('two-nics.ts:35', new LabTimeout('waited 20 s: the server answers\nlog\nlog')),
    reason: 'waited 20 s: the server answers (lab.timeout), at two-nics.ts:35',
  },
  {
    what: 'what was expected',
    failure: at('bios.ts:9', new Mismatch('expected: it boots\n')),
    reason: 'expected: it boots (lab.mismatch), at bios.ts:9',
  },
  {
    what: 'the last line of a command',
    failure: at(
      'bios.ts:9',
      new CommandError(['ip', 'link'], { code: 2, signal: null }, 'Usage:\n\nno such device\n'),
    ),
    reason: 'ip link: exit code 2: no such device (lab.command), at bios.ts:9',
  },
  {
    what: 'the cause',
    failure: Object.assign(new Error('fetch failed', { cause: new Error('reset') }), { stack: '' }),
    reason: 'fetch failed, by: reset',
  },
  { what: 'what is no error', failure: { odd: 1 }, reason: '{"odd":1}' },
  { what: 'nothing at all', failure: undefined, reason: 'undefined' },
])('says $what in one line', ({ failure, reason }) => {
  if (failure instanceof Error && failure.cause instanceof Error) failure.cause.stack = '';
  expect(failureReason(failure)).toBe(reason);
});

it('cuts a long one', () => {
  expect(failureReason(new Error('x'.repeat(1000)))).toMatch(/^x{400}\.\.\.$/);
});
