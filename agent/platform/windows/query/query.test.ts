import { describe, expect, it } from 'vitest';
import { leastInventory } from '../../../sequence/wql/answer.ts';
import { laptopTable } from '../../smbios/testing.ts';
import { unpackGuid } from './packed-guid.ts';
import type { RunTool } from './parts.ts';
import { openWindowsQuery } from './query.ts';
import { type FakeKeys, fakeWindows } from './testing.ts';

const { signal } = new AbortController();
const HKLM = 'HKEY_LOCAL_MACHINE';
const CURRENT = `${HKLM}\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion`;
const NT = `${HKLM}\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion`;
const CONTROL = `${HKLM}\\SYSTEM\\CurrentControlSet\\Control`;
const SERVICES = `${HKLM}\\SYSTEM\\CurrentControlSet\\Services`;
const PRODUCT = '{23170F69-40C1-2702-2201-000001000000}';

const keys: FakeKeys = {
  [NT]: {
    CurrentMajorVersionNumber: ['REG_DWORD', '0xa'],
    CurrentMinorVersionNumber: ['REG_DWORD', '0x0'],
    CurrentBuildNumber: ['REG_SZ', '19045'],
    ProductName: ['REG_SZ', 'Windows 10 Pro'],
  },
  [`${CONTROL}\\ProductOptions`]: { ProductType: ['REG_SZ', 'ServerNT'] },
  [`${CONTROL}\\Nls\\Language`]: { InstallLanguage: ['REG_SZ', '0407'] },
  [`${CONTROL}\\Session Manager\\Environment`]: { PROCESSOR_ARCHITECTURE: ['REG_SZ', 'ARM64'] },
  [`${SERVICES}\\mssmbios\\Data`]: {
    SMBiosData: ['REG_BINARY', `0003020000000000${Buffer.from(laptopTable()).toString('hex')}`],
  },
  [`${SERVICES}\\Tcpip\\Parameters\\Interfaces\\{a}`]: {
    EnableDHCP: ['REG_DWORD', '0x1'],
    DhcpIPAddress: ['REG_SZ', '10.1.2.3'],
    DhcpDefaultGateway: ['REG_MULTI_SZ', '10.1.2.1'],
  },
  [`${HKLM}\\HARDWARE\\DESCRIPTION\\System`]: {
    SystemBiosVersion: ['REG_MULTI_SZ', 'ACME   - 1072009\\01.16.2'],
  },
  [`${CURRENT}\\Uninstall\\${PRODUCT.toLowerCase()}`]: {
    DisplayName: ['REG_SZ', '7-Zip 22.01'],
    DisplayVersion: ['REG_SZ', '22.01.00.0'],
    WindowsInstaller: ['REG_DWORD', '0x1'],
  },
  [`${CURRENT}\\Uninstall\\{23170F69-40C1-2702-2201-000001000001}`]: {
    DisplayName: ['REG_SZ', 'no MSI'],
  },
  [`${CURRENT}\\Uninstall\\Git_is1`]: { WindowsInstaller: ['REG_DWORD', '0x1'] },
  [`${CURRENT}\\Installer\\UpgradeCodes\\96F071321C0420720000000040000000`]: {
    '96F071321C0420722210000010000000': ['REG_SZ', ''],
  },
};

describe('M03 questions to Windows', () => {
  it('tells the system in its own words, from the registry', async () => {
    const query = await openWindowsQuery(fakeWindows({ keys }));
    expect(await query.system(signal)).toEqual({
      family: 'windows',
      version: '10.0.19045',
      architecture: 'arm64',
      productType: 'server',
      language: 0x407,
    });
  });

  it('lists MSI products alone, with the upgrade code of each', async () => {
    const query = await openWindowsQuery(fakeWindows({ keys }));
    expect(await query.software?.(signal)).toEqual([
      {
        productCode: PRODUCT,
        upgradeCode: '{23170F69-40C1-2702-0000-000004000000}',
        name: '7-Zip 22.01',
        version: '22.01.00.0',
      },
    ]);
    expect(unpackGuid('96F071321C0420722210000010000000')).toBe(PRODUCT);
    expect(unpackGuid('Patches')).toBeUndefined();
  });

  it('puts in names of the system in any case, and redirects only where told', async () => {
    const files = {
      'C:\\Windows\\System32\\x.dll': { modifiedMs: 64 },
      'C:\\Windows\\SysWOW64\\x.dll': { modifiedMs: 32 },
      'C:\\Windows\\System32\\spool\\y': { modifiedMs: 7 },
    };
    const ask = async (view: '64' | '32', path: string) => {
      const query = await openWindowsQuery(fakeWindows({ files, view }));
      return (await query.path({ path, kind: 'file' }, signal))?.modifiedMs ?? null;
    };
    expect(await ask('64', '%windir%\\system32\\x.dll')).toBe(64);
    expect(await ask('32', '%WinDir%\\System32\\x.dll')).toBe(32);
    expect(await ask('32', 'C:/windows/sysnative/x.dll')).toBe(64);
    expect(await ask('32', '%windir%\\System32\\spool\\y')).toBe(7);
    expect(await ask('64', '%nothing%\\x.dll')).toBeNull();
    const query = await openWindowsQuery(fakeWindows({ files }));
    const folder = { path: '%windir%\\System32\\x.dll', kind: 'folder' } as const;
    expect(await query.path(folder, signal)).toBeNull();
  });

  it('knows its inventory without WMI, from SMBIOS and interfaces in the registry', async () => {
    const query = await openWindowsQuery(fakeWindows({ keys }));
    expect(query.wmi).toBeUndefined();
    const inventory = await query.inventory(signal);
    expect(inventory['Win32_ComputerSystem']?.[0]).toMatchObject({
      Name: 'PC-7',
      Model: 'Latitude 5530 ',
      PCSystemType: 2,
      TotalPhysicalMemory: '8589934592',
    });
    expect(inventory['Win32_BIOS']?.[0]).toMatchObject({ Version: 'ACME   - 1072009' });
    expect(inventory['Win32_OperatingSystem']?.[0]).toMatchObject({
      Caption: 'Microsoft Windows 10 Pro',
      Version: '10.0.19045',
      ProductType: 3,
    });
    expect(inventory['Win32_NetworkAdapterConfiguration']).toMatchObject([
      { IPAddress: ['10.1.2.3'], DefaultIPGateway: ['10.1.2.1'], DHCPEnabled: true },
    ]);
    expect(inventory['Win32_DiskDrive']).toBeUndefined();
    // What checks of a sequence say a Windows PE without WMI can answer.
    expect(Object.keys(inventory).sort()).toEqual([...leastInventory].sort());
  });
});

const SYSTEM32 = 'C:\\Windows\\System32';
const withCim = {
  [`${SYSTEM32}\\WindowsPowerShell\\v1.0\\powershell.exe`]: {},
  [`${SYSTEM32}\\WindowsPowerShell\\v1.0\\Modules\\CimCmdlets`]: { kind: 'folder' as const },
  [`${SYSTEM32}\\wbem\\WmiPrvSE.exe`]: {},
};

/** PowerShell as far as it is seen from outside: base64 in, base64 out. */
function powershell(answer: (request: Record<string, unknown>, script: string) => unknown) {
  const asked: string[][] = [];
  const run: RunTool = async ({ argv, input }) => {
    asked.push([...argv]);
    const script = Buffer.from(argv.at(-1) ?? '', 'base64').toString('utf16le');
    const request: unknown = JSON.parse(Buffer.from(input ?? '', 'base64').toString());
    const json = JSON.stringify(answer(request as Record<string, unknown>, script));
    const stdout = Buffer.from(
      `a module says hello\r\n${Buffer.from(json).toString('base64')}\r\n`,
    );
    return { code: 0, stdout, timedOut: false };
  };
  return { run, asked };
}

describe('M03 WMI by way of PowerShell', () => {
  it('gives the query as data: no text of a sequence is in argv or in the script', async () => {
    const text = `Select * From Win32_BIOS Where Name = '"; Remove-Item C:\\ -Recurse #ü'`;
    let seen: unknown;
    const { run, asked } = powershell((request, script) => {
      seen = request['query'];
      expect(script).toContain('Get-CimInstance -Namespace $r.namespace -Query $r.query');
      expect(script).not.toContain('Remove-Item');
      return { found: true };
    });
    const query = await openWindowsQuery(fakeWindows({ run, files: withCim }));
    expect(await query.wmi?.({ namespace: 'root\\cimv2', query: text }, signal)).toBe(true);
    expect(seen).toBe(text);
    expect(asked[0]?.slice(0, -1)).toEqual([
      `${SYSTEM32}\\WindowsPowerShell\\v1.0\\powershell.exe`,
      '-NoProfile',
      '-NonInteractive',
      '-NoLogo',
      '-EncodedCommand',
    ]);
    // A command line of Windows ends at 32,767 characters.
    expect(asked[0]?.join(' ').length).toBeLessThan(8_000);
  });

  it.each([
    ['query.wmi-class', { native: 'InvalidClass', status: '' }],
    ['query.wmi-namespace', { native: '', status: '2147749902' }],
    ['query.wmi-query', { native: 'InvalidQuery', status: '' }],
    ['query.wmi-denied', { native: 'AccessDenied', status: '' }],
    ['query.wmi-failed', { native: 'Failed', status: '5' }],
  ])('says %s', async (code, error) => {
    const { run } = powershell(() => ({ error: { ...error, message: 'why' } }));
    const query = await openWindowsQuery(fakeWindows({ run, files: withCim }));
    const asked = query.wmi?.({ namespace: 'root\\x', query: 'q' }, signal);
    await expect(asked).rejects.toMatchObject({ code, message: 'WMI: why' });
  });

  it('fails by name when PowerShell prints nothing or does not end', async () => {
    for (const [timedOut, code] of [
      [false, 'query.wmi-failed'],
      [true, 'query.timeout'],
    ] as const) {
      const run: RunTool = async () => ({ code: 1, stdout: new Uint8Array(), timedOut });
      const query = await openWindowsQuery(fakeWindows({ run, files: withCim }));
      await expect(query.wmi?.({ namespace: 'n', query: 'q' }, signal)).rejects.toMatchObject({
        code,
      });
    }
  });

  it('reads hardware once, and adapters and batteries each time', async () => {
    const { run, asked } = powershell((request) => {
      const names = (request['classes'] as { name: string }[]).map(({ name }) => name);
      return { classes: Object.fromEntries(names.map((name) => [name, [{ Name: name }]])) };
    });
    const query = await openWindowsQuery(fakeWindows({ run, files: withCim }));
    await query.inventory(signal);
    const inventory = await query.inventory(signal);
    expect(asked.length).toBe(3);
    expect(inventory['Win32_Tpm']).toEqual([{ Name: 'Win32_Tpm' }]);
    expect(inventory['Win32_Battery']).toEqual([{ Name: 'Win32_Battery' }]);
  });
});
