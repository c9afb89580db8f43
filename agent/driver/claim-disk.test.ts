import { describe, expect, it } from 'vitest';
import type { Platform } from '#agent/sequence/platform.ts';
import { DrivenMachine } from '../simulated-machine/testing/driven-machine.ts';

const GB = 1024 ** 3;
const document = {
  name: 'Erase',
  steps: [
    {
      step: 'Partition',
      type: 'format-disk',
      params: { disk: 0, partitions: [{ type: 'efi', size: { mb: 512 } }, { fileSystem: 'ext4' }] },
    },
  ],
};
const disks = [20 * GB, 30 * GB];

/** The disks in another order than before, as after a disk was plugged in. */
function swapped(platform: Platform): Platform {
  const list: Platform['disk']['list'] = async (signal) => {
    const [first, second] = await platform.disk.list(signal);
    if (first === undefined || second === undefined) return [];
    return [
      { ...second, number: 0 },
      { ...first, number: 1 },
    ];
  };
  return { ...platform, disk: { ...platform.disk, list } };
}

/** The machine, and what the server knew when the first byte was written to a disk. */
function machine(options: { readonly machineCut?: number; readonly swapAfter?: number } = {}) {
  const known: unknown[] = [];
  const { swapAfter = Infinity, ...cut } = options;
  const made: DrivenMachine = new DrivenMachine({
    document,
    disks,
    ...cut,
    platform(platform, starts) {
      const seen = starts > swapAfter ? swapped(platform) : platform;
      return {
        ...seen,
        disk: {
          ...seen.disk,
          partition: async (plan, signal) => {
            known.push(...made.facts('disk-chosen'));
            return seen.disk.partition(plan, signal);
          },
        },
      };
    },
  });
  return { made, known };
}

describe('M55 M56 the disk that a step erases', () => {
  const chosen = {
    kind: 'disk-chosen',
    stepId: '0',
    name: 'Partition',
    attempt: 1,
    disk: {
      number: 0,
      id: 'simulated-0',
      model: 'Simulated Disk',
      serial: 'SIM0',
      sizeBytes: 20 * GB,
      bus: 'other',
    },
  };

  it('is known to the server, with model, serial and size, before the first write', async () => {
    const { made, known } = machine();
    const { result } = await made.runToEnd();
    expect(result.succeeded).toBe(true);
    expect(known).toEqual([chosen]);
    expect(made.log).toContainEqual(
      expect.stringContaining('disk 0: Simulated Disk, serial SIM0, 21 GB'),
    );
  });

  it('is the same after a power cut at any moment, or none is erased', async () => {
    const whole = machine().made;
    await whole.runToEnd();
    const codes = new Set<string | undefined>();
    for (let cut = 1; cut <= whole.machine.power.moment; cut += 1) {
      const { made } = machine({ machineCut: cut, swapAfter: 1 });
      const { result } = await made.runToEnd();
      codes.add(result.error?.code);
      const [first] = made.facts('disk-chosen');
      const erased = made.machine.storage
        .list()
        .filter(({ partitions }) => partitions.length > 0)
        .map(({ id }) => id);
      if (first?.kind === 'disk-chosen' && erased.length > 0)
        expect(erased).toEqual([first.disk.id]);
    }
    expect(codes).toContain('disk.changed');
  });

  it('is taken again after a power cut where the disks are as before', async () => {
    const { made } = machine({ machineCut: 1 });
    const { result } = await made.runToEnd();
    expect(result.succeeded).toBe(true);
    expect(made.starts).toBe(2);
  });
});
