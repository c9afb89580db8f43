import { describe, expect, it } from 'vitest';
import { presetSettings } from '#agent/sequence/action-variables.ts';
import { Variables } from '#agent/sequence/variables.ts';
import { installUpdates } from './install-updates.ts';

describe('M02 install-updates', () => {
  it('installs the mandatory ones by what a scan has found, unless a variable says otherwise', () => {
    expect(installUpdates.params.parse({})).toEqual({ target: 'mandatory', useCachedScan: true });
    const before = (value: string) =>
      Variables.none.set({ name: 'SMSInstallUpdateTarget', value, secret: false });
    const { params, action } = presetSettings(installUpdates, {}, before('all'));
    expect(params).toEqual({ target: 'all' });
    expect(action).toEqual({ SMSInstallUpdateTarget: 'All' });
    expect(() => presetSettings(installUpdates, {}, before('Some'))).toThrow(
      /SMSInstallUpdateTarget .*"Some" is none of All, Mandatory/,
    );
  });
});
