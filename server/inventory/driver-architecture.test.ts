import { expect, it } from 'vitest';
import type { MachineArchitecture } from '#agent/protocol/identity.ts';
import { PackageId } from '#agent/protocol/identity.ts';
import { driverWarnings } from './driver-architecture.ts';

const outline = {
  references: [
    {
      path: 'steps[1].params.package',
      step: 'Drivers',
      field: 'package',
      kind: 'driver-package' as const,
      reference: { name: 'Dell' },
    },
  ],
};
const image = (architecture: MachineArchitecture) => ({ name: 'Windows', architecture });
const told = (
  images: readonly MachineArchitecture[],
  architectures: readonly MachineArchitecture[],
) =>
  driverWarnings([outline], images.map(image), () => ({
    id: PackageId.parse('MW100001'),
    name: 'Dell',
    architectures,
  })).map(({ code }) => code);

it('M43 driver packages for no image of the sequence are told, where both are known', () => {
  expect(told(['x64'], ['arm64', 'x86'])).toEqual(['driver.architecture']);
  expect(told(['x64', 'arm64'], ['arm64'])).toEqual([]);
  expect(told([], ['arm64'])).toEqual([]);
  expect(told(['x64'], [])).toEqual([]);
  expect(driverWarnings([outline], [image('x64')], () => undefined)).toEqual([]);
});
