import { describe, expect, it } from 'vitest';
import { presetSettings } from '#agent/sequence/action-variables.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { Variables } from '#agent/sequence/variables.ts';
import { applyWindowsSettings } from './apply-windows-settings.ts';
import { steps } from './index.ts';
import { faultsOf } from './testing/simulate-step.ts';

const type = 'apply-windows-settings';
const KEY = 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE';

describe('M02 apply-windows-settings', () => {
  it('needs nothing: a random password disables the administrator', () => {
    expect(applyWindowsSettings.params.parse({})).toEqual({ randomAdminPassword: true });
  });

  it.each([
    [{ productKey: 'AAAAA-BBBBB' }, 'productKey: a product key is five groups'],
    [{ computerName: '12345' }, 'computerName: a name of a computer'],
    [{ computerName: 'sixteen-letters1' }, 'computerName: a name of a computer'],
    [{ randomAdminPassword: false }, 'adminPassword: needs a password'],
    [{ licenseConnections: 4 }, 'licenseConnections: '],
    [{ licenseMode: 'PerDevice' }, 'licenseMode: '],
    [{ registeredUser: 'x'.repeat(256) }, 'registeredUser: '],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf(type, params)).toEqual([expect.stringContaining(fault)]);
  });

  it('takes no time over what is far too long', () => {
    const blanks = `${' '.repeat(500_000)}x`;
    expect(faultsOf(type, { productKey: blanks, computerName: blanks })).toHaveLength(3);
    expect(faultsOf('connect-network-folder', { path: '\\\\a\\b', driveLetter: blanks })).toEqual([
      'driveLetter: a drive from D: to Z:, and not X:, which is that of Windows PE',
    ]);
  });

  it('lets %Name% stand where it is judged when the step runs', () => {
    const params = {
      computerName: 'PC-%_SMSTSSerialNumber%',
      productKey: '%ProductKey%',
      licenseConnections: '%Limit%',
      randomAdminPassword: '%Random%',
    };
    const step = { step: 'Settings', type, params };
    expect(() => parseTaskSequence({ name: 'x', steps: [step] }, steps)).not.toThrow();
  });

  it('has its settings as variables, and those set before in their place', () => {
    const before = Variables.none.setAll([
      { name: 'OSDComputerName', value: 'PC1', secret: false },
      { name: 'OSDRandomAdminPassword', value: 'False', secret: false },
      { name: 'OSDServerLicenseMode', value: 'perserver', secret: false },
    ]);
    const { params, action } = presetSettings(
      applyWindowsSettings,
      { productKey: KEY, adminPassword: 'x', licenseConnections: 5, timeZone: 'UTC' },
      before,
    );
    expect(params).toMatchObject({
      computerName: 'PC1',
      randomAdminPassword: false,
      licenseMode: 'PerServer',
    });
    expect(action).toEqual({
      OSDComputerName: 'PC1',
      OSDProductKey: KEY,
      OSDServerLicenseMode: 'PerServer',
      OSDServerLicenseConnectionLimit: '5',
      OSDRandomAdminPassword: 'false',
      OSDLocalAdminPassword: 'x',
      OSDTimeZone: 'UTC',
    });
  });
});
