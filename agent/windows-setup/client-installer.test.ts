import { describe, expect, it } from 'vitest';
import { administratorArguments } from './administrator.ts';
import { clientInstaller } from './client-installer.ts';

describe('M53 clientInstaller', () => {
  it('takes the script of the operator before the setup program', () => {
    const found = clientInstaller(['CCMSetup.exe', 'Install.cmd', 'i386/client.msi'], []);
    expect(found).toMatchObject({ file: 'Install.cmd', options: [], restartCodes: [3010, 1641] });
  });

  it('makes ccmsetup wait, unless its properties say how it runs', () => {
    const options = (...properties: readonly string[]) =>
      clientInstaller(['ccmsetup.exe'], properties)?.options;
    expect(options('SMSMP=server')).toEqual(['/noservice']);
    expect(options('/Service')).toEqual([]);
    expect(clientInstaller(['ccmsetup.exe'], [])?.restartCodes).toContain(7);
  });

  it('takes nothing from below the root', () => {
    expect(clientInstaller(['tools/install.cmd', 'setup.exe'], [])).toBeUndefined();
  });
});

describe('M53 administratorArguments', () => {
  it('hands PowerShell a script that knows the account by its RID and reads it back', () => {
    const script = (disabled: boolean) =>
      Buffer.from(administratorArguments(disabled).at(-1) ?? '', 'base64').toString('utf16le');
    expect(script(true)).toContain("SID LIKE 'S-1-5-21-%-500'");
    expect(script(true)).toMatch(/Disabled = \$true[^]*Disabled -ne \$true\) \{ exit 3 \}/);
    expect(script(false)).toMatch(/Disabled = \$false[^]*Disabled -ne \$false\) \{ exit 3 \}/);
  });
});
