import { describe, expect, it } from 'vitest';
import { restoreUserState } from './restore-user-state.ts';
import { faultsOf, inWindows, simulateSteps } from './testing/simulate-run.ts';

const usmt = { package: { name: 'USMT' } };
const secret = { localAccounts: true, localAccountPassword: '%P%' };
const override = (params: object, variables: Readonly<Record<string, string>>) =>
  restoreUserState.actionVariables?.override({ ...params }, (name) => variables[name]);

describe('M02 restore-user-state', () => {
  it('succeeds in the installed Windows alone', async () => {
    const step = { type: 'restore-user-state', params: usmt };
    expect((await simulateSteps([step], { device: inWindows })).result.error).toBeNull();
    expect((await simulateSteps([step])).result.error?.code).toBe('step.environment');
  });

  it('has a password of local accounts only where they are restored', () => {
    const password = { OSDMigrateLocalAccountPassword: 'secret' };
    expect(override({}, password)).toEqual({});
    expect(override({}, { ...password, OSDMigrateLocalAccounts: 'true' })).toEqual({
      localAccounts: true,
      localAccountPassword: 'secret',
    });
    expect(override(secret, { OSDMigrateLocalAccounts: 'false' })).toEqual({
      localAccounts: false,
    });
  });

  it.each([
    [{}, 'params.package'],
    [{ ...usmt, localAccountPassword: '%P%' }, 'they are not restored'],
    [{ ...usmt, configFiles: ['MigUser.xml'] }, 'configuration files go with advanced'],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf('restore-user-state', params)).toEqual([expect.stringContaining(fault)]);
  });
});
