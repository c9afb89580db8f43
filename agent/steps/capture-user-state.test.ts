import { describe, expect, it } from 'vitest';
import { captureUserState } from './capture-user-state.ts';
import { faultsOf, inWindows, simulateSteps } from './testing/simulate-run.ts';

const usmt = { package: { name: 'USMT' } };
const files = ['MigUser.xml', 'MigApp.xml'];
const override = (params: object, variables: Readonly<Record<string, string>>) =>
  captureUserState.actionVariables?.override({ ...params }, (name) => variables[name]);

describe('M02 capture-user-state', () => {
  it('succeeds in Windows and, off line, in Windows PE', async () => {
    const step = { type: 'capture-user-state', params: { ...usmt, offline: true } };
    expect((await simulateSteps([step], { device: inWindows })).result.error).toBeNull();
    expect((await simulateSteps([step])).result.error).toBeNull();
  });

  it('takes mode and files from variables; files count with advanced alone', () => {
    const variables = { OSDMigrateMode: 'Advanced', OSDMigrateConfigFiles: 'A.xml,B.xml' };
    expect(override({}, variables)).toEqual({
      mode: 'Advanced',
      configFiles: ['A.xml', 'B.xml'],
    });
    expect(override({}, { OSDMigrateConfigFiles: 'A.xml' })).toEqual({});
    const simple = { OSDMigrateMode: 'Simple' };
    expect(override({ mode: 'advanced', configFiles: files }, simple)).toEqual({ mode: 'Simple' });
  });

  it.each([
    [{}, 'params.package'],
    [{ ...usmt, configFiles: files }, 'configuration files go with advanced'],
    [{ ...usmt, fileAccess: 'vss', hardLinks: true }, 'go with file-system'],
    [{ ...usmt, fileAccess: 'vss', offline: true }, 'go with file-system'],
    [{ ...usmt, mode: 'custom' }, 'params.mode'],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf('capture-user-state', params)).toEqual([expect.stringContaining(fault)]);
  });

  it('takes files as one text', () => {
    const params = { ...usmt, mode: 'Advanced', configFiles: 'MigUser.xml, MigApp.xml' };
    expect(captureUserState.params.parse(params)).toMatchObject({ configFiles: files });
  });
});
