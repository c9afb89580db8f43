import { describe, expect, it } from 'vitest';
import { referencesOf } from '#agent/sequence/references.ts';
import { steps } from './index.ts';
import { faultsOf, simulateStep } from './testing/simulate-step.ts';

const type = 'download-content';
const packages = [{ driverPackage: { name: 'HP' } }, { package: { id: 'ABC00001' } }];

describe('M02 download-content', () => {
  it('leaves the folder of each in a numbered variable', async () => {
    const { changes } = await simulateStep(type, { packages, baseVariable: 'Drivers' });
    expect(changes).toEqual({
      Drivers01: 'C:\\_SMSTaskSequence\\Packages\\HP',
      Drivers02: 'C:\\_SMSTaskSequence\\Packages\\ABC00001',
    });
    const custom = await simulateStep(
      type,
      { packages, location: 'custom', path: 'D:\\In\\' },
      { variables: { OSDDownloadDestinationVariable: 'At' } },
    );
    expect(custom.changes).toEqual({ At01: 'D:\\In\\HP', At02: 'D:\\In\\ABC00001' });
    const cache = await simulateStep(type, {
      packages,
      location: 'client-cache',
    });
    expect(cache.log).toEqual([
      'Would download HP to C:\\Windows\\ccmcache\\HP',
      'Would download ABC00001 to C:\\Windows\\ccmcache\\ABC00001',
    ]);
  });

  it('refers to each by its kind', () => {
    const found = [...referencesOf({ type, params: { packages } }, steps)];
    expect(found.map(({ keys, kind }) => [keys.join('.'), kind])).toEqual([
      ['packages.1.package', 'package'],
      ['packages.0.driverPackage', 'driver-package'],
    ]);
  });

  it.each([
    [{ packages: [] }, 'packages: '],
    [{ packages: [{}] }, 'packages.0: needs one of package, driverPackage'],
    [{ packages, location: 'custom' }, 'path: needs a path'],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf(type, params)).toEqual([expect.stringContaining(fault)]);
  });
});
