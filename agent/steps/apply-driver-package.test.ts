import { describe, expect, it } from 'vitest';
import { applyDriverPackage } from './apply-driver-package.ts';
import { applyWindows, faultsOf, simulateSteps, windowsDisk } from './testing/simulate-run.ts';

const drivers = { package: { name: 'Dell Latitude 5440' } };
const bootCritical = { contentId: '{1}', id: 'ahci', infFile: 'iastor.inf' };
const preset = (name: string) =>
  name === 'OSDInstallDriversAdditionalOptions' ? '/ForceUnsigned' : undefined;

describe('M02 apply-driver-package', () => {
  it('succeeds in Windows PE', async () => {
    const step = { type: 'apply-driver-package', params: { ...drivers, recurse: true } };
    const steps = [windowsDisk, applyWindows, step];
    expect((await simulateSteps(steps)).result.error).toBeNull();
    expect((await simulateSteps([step])).result.error?.code).toBe('image.none-applied');
  });

  it('heeds OSDInstallDriversAdditionalOptions with the recurse option alone', () => {
    const { actionVariables } = applyDriverPackage;
    expect(actionVariables?.override({ recurse: 'True' }, preset)).toEqual({
      recurse: 'True',
      additionalOptions: '/ForceUnsigned',
    });
    expect(actionVariables?.override({ recurse: false }, preset)).toEqual({ recurse: false });
  });

  it('has the driver of a disk controller as four variables', () => {
    const { actionVariables } = applyDriverPackage;
    expect(actionVariables?.toVariables({ bootCritical })).toEqual({
      OSDApplyDriverBootCriticalContentUniqueID: '{1}',
      OSDApplyDriverBootCriticalID: 'ahci',
      OSDApplyDriverBootCriticalINFFile: 'iastor.inf',
    });
  });

  it.each([
    [{}, 'params.package'],
    [{ ...drivers, ofModel: true }, 'is instead of a package'],
    [{ ...drivers, additionalOptions: '/x' }, 'go with the recurse option'],
    [{ ...drivers, bootCritical: { ...bootCritical, id: '' } }, 'params.bootCritical.id'],
    [{ ...drivers, bootCritical: { ...bootCritical, hardwareComponent: 'ide' } }, 'scsi'],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf('apply-driver-package', params)).toEqual([expect.stringContaining(fault)]);
  });
});
