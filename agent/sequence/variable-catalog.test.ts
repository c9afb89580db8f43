import { describe, expect, it } from 'vitest';
import { isSecretName } from './secret-names.ts';
import { catalogNames, catalogVariable, variableCatalog } from './variable-catalog.ts';

const all = variableCatalog.flatMap(({ variables }) => variables);

describe('M11 the catalogue of variables', () => {
  it('has each name once, in groups that each have a title', () => {
    const names = catalogNames.map((name) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    expect(all).toHaveLength(names.length);
    expect(names.length).toBeGreaterThan(220);
    const titles = variableCatalog.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('finds a variable by its name without case', () => {
    expect(catalogVariable(' osdcomputername ')?.name).toBe('OSDComputerName');
    expect(catalogVariable('_SMSTSINWINPE')).toMatchObject({ kind: 'read-only', type: 'boolean' });
    expect(catalogVariable('OSDComputerNames')).toBeUndefined();
    expect(catalogVariable('constructor')).toBeUndefined();
  });

  it.each([
    ['OSDAdapter0EnableDHCP', 'OSDAdapter<n>EnableDHCP'],
    ['osdpartitions12SIZE', 'OSDPartitions<n>Size'],
    ['OSDPartitions0SizeUnits', 'OSDPartitions<n>SizeUnits'],
    ['OSDAdapterEnableDHCP', undefined],
    ['OSDAdapter0', undefined],
    ['OSDAdapter0Colour', undefined],
    ['OSDAdapter1234Name', undefined],
  ])('%s is the array member %s', (name, member) => {
    expect(catalogVariable(name)?.name).toBe(member);
  });

  it('keeps _ for what no sequence sets', () => {
    for (const { name, kind } of all)
      expect([name, kind === 'read-only']).toEqual([name, name.startsWith('_')]);
  });

  it('says nothing that contradicts itself', () => {
    for (const { name, meaning, values, range, standard, type, applies } of all) {
      expect(meaning, name).toMatch(/^.{3,120}$/);
      expect(applies, name).not.toBe('');
      expect(`${meaning}${applies}`, name).not.toContain('|');
      if (range !== undefined) expect([type, range[0] < range[1]], name).toEqual(['number', true]);
      if (values !== undefined && standard !== undefined) expect(values, name).toContain(standard);
      if (type === 'boolean' && standard !== undefined)
        expect(['true', 'false']).toContain(standard);
    }
  });

  it.each([
    'OSDBitLockerPIN',
    'OSDBitLockerRecoveryPassword',
    'OSDBitLockerStartupKey',
    'OSDCaptureAccountPassword',
    'OSDJoinPassword',
    'OSDLocalAdminPassword',
    'OSDMigrateLocalAccountPassword',
    'OSDProductKey',
    'SMSConnectNetworkFolderPassword',
    'SMSTSRunCommandLineUserPassword',
    'SMSTSRunPowerShellUserPassword',
  ])('holds %s for a secret', (name) => {
    expect(isSecretName(name)).toBe(true);
    expect(isSecretName(` ${name.toUpperCase()}`)).toBe(true);
  });

  it('holds every password and PIN for a secret, and no account or name', () => {
    for (const { name, type } of all)
      if (type === 'text' && /Password$|PIN$/.test(name))
        expect([name, isSecretName(name)]).toEqual([name, true]);
    expect(all.filter(({ secret }) => secret).map(({ name }) => name)).not.toContain(
      'OSDJoinAccount',
    );
    expect(isSecretName('OSDComputerName')).toBe(false);
  });
});
