import { expect, it } from 'vitest';
import { RunId } from '#agent/protocol/identity.ts';
import { RunEvent, type RunFact, StepId } from '#agent/protocol/run-event.ts';
import { exitCodeCause, formatExitCode } from './exit-code-causes.ts';
import { likelyCause } from './likely-cause.ts';

const runId = RunId.parse('11111111-2222-4333-8444-555555555555');
const eventsOf = (...facts: readonly RunFact[]) =>
  facts.map((fact, index) => RunEvent.parse({ runId, seq: index + 1, atMs: 1, fact }));
const step = (
  name: string,
  code: number,
  error?: { code: string; message: string; hint?: string },
): RunFact => ({
  kind: 'step-finished',
  stepId: StepId.parse('0/1'),
  name,
  attempt: 1,
  code,
  succeeded: code === 0,
  variables: [],
  durationMs: 5,
  ...(error === undefined ? {} : { error }),
});
const failed = {
  state: 'failed',
  error: { code: 'step.exit-code', message: 'exit code 5' },
} as const;

it('M31 says of a failed run which step it was, what its code means and what to do', () => {
  const cause = likelyCause(
    failed,
    eventsOf(step('Copy', 0x80070002, { code: 'step.exit-code', message: 'copy ended with 2' }), {
      kind: 'run-finished',
      succeeded: false,
      code: 0x80070002,
      next: 'pe',
    }),
  );
  expect(cause).toMatchObject({
    stepId: '0/1',
    stepName: 'Copy',
    code: 'step.exit-code',
    exitCode: '0x80070002',
    what: 'Step "Copy" failed with 0x80070002 (file not found): copy ended with 2',
    cause: expect.stringContaining('not there'),
    todo: expect.stringContaining('path'),
    certain: false,
  });
});

it('M31 takes what the agent told before what is usual, and the step that ended the run', () => {
  const cause = likelyCause(
    failed,
    eventsOf(
      step('Optional', 7),
      step('Format', 1, {
        code: 'disk.too-small',
        message: '8 GB, needs 20',
        hint: 'take a larger disk',
      }),
      step('Tidy up', 0),
    ),
  );
  expect(cause).toMatchObject({
    stepName: 'Format',
    code: 'disk.too-small',
    todo: 'take a larger disk',
  });
  const bare = likelyCause({ state: 'failed', error: { code: 'ts.com', message: 'odd' } }, []);
  expect(bare).toMatchObject({ stepId: null, cause: 'odd', certain: true, exitCode: null });
  expect(likelyCause({ state: 'succeeded', error: null }, [])).toBeNull();
  expect(likelyCause({ state: 'forked', error: null }, [])?.code).toBe('run.forked');
});

it('reads a Win32 error in an HRESULT, signed or not, and bare', () => {
  for (const code of [0x80070005, 0x80070005 | 0, 5])
    expect(exitCodeCause(code)?.text).toBe('access denied');
  expect(exitCodeCause(0x87d00324)?.text).toBe('installed, but not detected');
  expect(exitCodeCause(3010)?.text).toBe('restart needed');
  expect(exitCodeCause(0x81234567)).toBeUndefined();
  expect(formatExitCode(-2147024894)).toBe('0x80070002');
  expect(formatExitCode(1603)).toBe('1603');
});
