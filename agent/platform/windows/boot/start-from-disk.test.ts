import { describe, expect, it } from 'vitest';
import { startFromDisk } from './start-from-disk.ts';
import { SimulatedBcdedit } from './testing/simulated-bcdedit.ts';

const { signal } = new AbortController();

describe('M56 the next start of a Windows machine is from its disk', () => {
  const machine = (order: string | undefined) => {
    const bcdedit = new SimulatedBcdedit();
    if (order !== undefined) bcdedit.objects.get('{fwbootmgr}')?.set('displayorder', order);
    const runTool = async (command: Parameters<typeof bcdedit.run>[0]) => ({
      code: 0,
      output: '',
      timedOut: false,
      stdout: '',
      exit: { outcome: 'done', meaning: '' } as const,
      ...(await bcdedit.run(command)),
    });
    return { bcdedit, started: async () => startFromDisk({ runTool }, signal) };
  };
  const next = (bcdedit: SimulatedBcdedit) =>
    bcdedit.objects.get('{fwbootmgr}')?.get('bootsequence');

  it('by the entry of its boot manager, whatever is first', async () => {
    const { bcdedit, started } = machine('{bootmgr}');
    expect(await started()).toBe('The next start is of the Windows boot manager');
    expect(next(bcdedit)).toBe('{bootmgr}');
  });

  it('also where the firmware has lost the entry', async () => {
    const { bcdedit, started } = machine(undefined);
    expect(await started()).toMatch(/which the firmware had lost/);
    expect(bcdedit.objects.get('{fwbootmgr}')?.get('displayorder')).toBe('{bootmgr}');
  });

  it.each([/bootsequence/, /./])(
    'and says nothing where the firmware refuses %s',
    async (ignores) => {
      const { bcdedit, started } = machine('{bootmgr}');
      bcdedit.ignores = ignores;
      expect(await started()).toBeUndefined();
      expect(next(bcdedit)).toBeUndefined();
    },
  );
});
