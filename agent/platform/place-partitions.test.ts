import { describe, expect, it } from 'vitest';
import type { PartitionPlan, PartitionType } from '../sequence/platform.ts';
import { placePartitions } from './place-partitions.ts';

const MIB = 1024 * 1024;

function plan(type: PartitionType, mib: number): PartitionPlan {
  return { type, label: type, sizeBytes: mib * MIB, active: false, format: null };
}

/** [number, start, end] in MiB. */
function place(style: 'gpt' | 'mbr', diskMib: number, plans: readonly PartitionPlan[]) {
  return placePartitions(style, diskMib * MIB, plans).map(
    ({ number, startBytes, sizeBytes }) =>
      [number, startBytes / MIB, (startBytes + sizeBytes) / MIB] as const,
  );
}

describe('M55 places of partitions', () => {
  it('puts logical partitions inside the extended one and the next primary after it', () => {
    const plans = [
      plan('extended', 100),
      plan('logical', 40),
      plan('logical', 40),
      plan('primary', 50),
    ];
    expect(place('mbr', 400, plans)).toEqual([
      [1, 1, 101],
      [5, 2, 42],
      [6, 43, 83],
      [2, 101, 151],
    ]);
  });

  it('lets the last partition give what table and alignment take', () => {
    expect(place('gpt', 200, [plan('efi', 50), plan('primary', 150)])).toEqual([
      [1, 1, 51],
      [2, 51, 199],
    ]);
  });

  it.each([
    { name: 'a partition larger than what is left', plans: [plan('primary', 300)] },
    {
      name: 'a logical one larger than the extended',
      plans: [plan('extended', 50), plan('logical', 90)],
    },
    { name: 'a logical one without an extended', plans: [plan('logical', 10)] },
  ])('refuses $name', ({ plans }) => {
    expect(() => place('mbr', 200, plans)).toThrow(
      expect.objectContaining({ code: 'disk.too-small' }),
    );
  });

  it('refuses a logical partition on a GPT disk', () => {
    expect(() => place('gpt', 200, [plan('logical', 10)])).toThrow(
      expect.objectContaining({ code: 'disk.partition-type' }),
    );
  });
});
