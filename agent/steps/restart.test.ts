import { describe, expect, it } from 'vitest';
import { applyDebian, linuxDisk, runSteps } from './testing/run-step.ts';

const restart = (params: object) => ({ type: 'restart', params });

describe('restart', () => {
  it('M55 goes to the PE or into the operating system, after its time', async () => {
    const { facts, state } = await runSteps({
      steps: [
        linuxDisk,
        restart({ target: 'pe' }),
        applyDebian,
        restart({ target: 'hd', delaySeconds: '30', message: 'Restarting' }),
      ],
    });
    expect(state.result?.succeeded).toBe(true);
    expect(facts.filter(({ kind }) => kind === 'restart-requested')).toMatchObject([
      { next: 'pe', delayMs: 0 },
      { next: 'disk', delayMs: 30_000 },
    ]);
    expect(facts.filter(({ kind }) => kind === 'resumed')).toMatchObject([
      { environment: 'linux-pe' },
      { environment: 'full-os' },
    ]);
  });

  it('gives no notice where it is told not to', async () => {
    const { facts, log } = await runSteps({
      steps: [
        linuxDisk,
        restart({ target: 'pe', notify: false, delaySeconds: 60, message: 'Soon' }),
      ],
    });
    expect(facts.find(({ kind }) => kind === 'restart-requested')).toMatchObject({ delayMs: 0 });
    expect(log).not.toContain('Soon');
  });

  it('M33 from a formatted disk with nothing to start from is refused', async () => {
    const { state } = await runSteps({
      steps: [linuxDisk, { ...restart({ target: 'hd' }), continueOnError: true }],
    });
    expect(state.result?.error?.code).toBe('restart.not-bootable');
  });

  it('M11 takes message and time from SMSRebootMessage and SMSRebootTimeout, which stay', async () => {
    const run = (variables: Record<string, string>) =>
      runSteps({
        steps: [linuxDisk, restart({ target: 'pe', message: 'Own', delaySeconds: 5 })],
        variables,
      });
    const { facts, log, value } = await run({ SMSRebootMessage: 'Preset', SMSRebootTimeout: '60' });
    expect(facts.find(({ kind }) => kind === 'restart-requested')).toMatchObject({
      delayMs: 60_000,
    });
    expect(log).toContain('Preset');
    expect(log).not.toContain('Own');
    expect(value('SMSRebootTimeout')).toBe('60');
    const own = await run({});
    expect(own.log).toContain('Own');
    expect(own.value('SMSRebootMessage')).toBeUndefined();
    const bad = await run({ SMSRebootTimeout: 'soon' });
    expect(bad.state.result?.error).toMatchObject({
      code: 'step.params',
      message: 'The variable SMSRebootTimeout overrides a setting: "soon" is no whole number',
    });
  });
});
