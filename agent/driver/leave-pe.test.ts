import { describe, expect, it } from 'vitest';
import { SimulatedMachine } from '../simulated-machine/machine.ts';
import { Restarted } from '../simulated-machine/power.ts';
import { LeavePe } from './leave-pe.ts';

const { signal } = new AbortController();
const done = { kind: 'none', code: 'deployment.ran' } as const;

/** A machine in PE, with an operating system on its disk or without. */
function inPe({ bootable = true, attended = true } = {}) {
  const machine = new SimulatedMachine({ disks: [{ sizeBytes: 1 }] });
  const started = machine.start('pe');
  const boot = { ...started.boot, bootable: async () => bootable };
  return new LeavePe({ platform: { ...started, boot }, attended });
}

describe('M56 a machine that is done and came to the PE all the same', () => {
  it('goes to its disk after a minute', async () => {
    const leave = inPe();
    await leave.after(done, 1000, signal);
    await leave.after(done, 60_999, signal);
    await expect(leave.after(done, 61_000, signal)).rejects.toBeInstanceOf(Restarted);
  });

  it('begins to count again when it was told something else meanwhile', async () => {
    const leave = inPe();
    await leave.after(done, 0, signal);
    await leave.after({ kind: 'wait', code: 'device.waiting' }, 30_000, signal);
    await leave.after(done, 60_000, signal);
    await leave.after(done, 119_000, signal);
    await expect(leave.after(done, 120_000, signal)).rejects.toBeInstanceOf(Restarted);
  });

  it.each([
    ['with nothing to start', { bootable: false }, done],
    ['that is no machine of its own, as on loop devices', { attended: false }, done],
    [
      'to which nothing was ever deployed',
      {},
      { kind: 'none', code: 'policy.nothing-deployed' } as const,
    ],
    ['that waits for somebody', {}, { kind: 'wait', code: 'device.waiting' } as const],
  ])('stays %s', async (_name, options, policy) => {
    const leave = inPe(options);
    await leave.after(policy, 0, signal);
    await leave.after(policy, 3_600_000, signal);
  });
});
