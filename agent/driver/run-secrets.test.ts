import { describe, expect, it } from 'vitest';
import { RunId } from '../protocol/identity.ts';
import { RunEvent, type RunFact, StepId, type VariableChange } from '../protocol/run-event.ts';
import { RunSecrets } from './run-secrets.ts';

const runId = RunId.parse('6a1f0b52-9d2e-4d7c-8f6e-0a1b2c3d4e5f');
const otherRun = RunId.parse('6a1f0b52-9d2e-4d7c-8f6e-0a1b2c3d4e60');
const keyOf = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const secrets = new RunSecrets(runId, keyOf(7));
const password = { name: 'Password', value: 'correct-horse', secret: true };

function finished(...variables: VariableChange[]): RunEvent {
  const fact: RunFact = {
    kind: 'step-finished',
    stepId: StepId.parse('0'),
    name: 'A',
    attempt: 1,
    code: 0,
    succeeded: true,
    variables,
    durationMs: 0,
  };
  return { runId, seq: 1, atMs: 0, fact };
}

describe('M11 secret variables in the events of a run', () => {
  it('lie there sealed, and open again under the key of the run', () => {
    const open = { name: 'Open', value: 'seen', secret: false };
    const event = finished(secrets.seal(password), secrets.seal(open));
    expect(JSON.stringify(event)).not.toContain('correct-horse');
    expect(JSON.stringify(event)).toContain('seen');
    expect(RunEvent.parse(JSON.parse(JSON.stringify(event)))).toEqual(event);
    expect(secrets.unseal(event)).toEqual(finished(password, open));
  });

  it('hold the longest value there may be', () => {
    const long = { ...password, value: '\u{1F511}'.repeat(2000) };
    const event = finished(secrets.seal(long));
    expect(RunEvent.safeParse(event).success).toBe(true);
    expect(secrets.unseal(event)).toEqual(finished(long));
  });

  it('are deleted like any other', () => {
    const deleted = { ...password, value: '' };
    expect(secrets.unseal(finished(secrets.seal(deleted)))).toEqual(finished(deleted));
  });

  it.each([
    ['of another run', new RunSecrets(otherRun, keyOf(7)), finished(secrets.seal(password))],
    ['with another key', new RunSecrets(runId, keyOf(8)), finished(secrets.seal(password))],
    ['put under another name', secrets, finished({ ...secrets.seal(password), name: 'Other' })],
    ['that was never sealed', secrets, finished(password)],
    ['cut short', secrets, finished({ ...password, value: 'sealed:1:AAAA' })],
  ])('do not open %s', (_what, opener, event) => {
    expect(() => opener.unseal(event)).toThrow(expect.objectContaining({ code: 'run.secret' }));
  });

  it('need a key: a server that gives none is too old', () => {
    expect(() => new RunSecrets(runId, '')).toThrow(
      expect.objectContaining({ code: 'run.secrets-key' }),
    );
  });
});
