import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { infText } from '../../../drivers/testing/made-drivers.ts';
import { openRegistry } from '../query/registry.ts';
import { fakeReg } from '../query/testing.ts';
import type { ToolCommand } from '../run-tool.ts';
import { toolExit } from '../tools/exit-codes.ts';
import { windowsDrivers } from './drivers.ts';

const { signal } = new AbortController();
const models = (decoration: string) =>
  `[Manufacturer]\r\nM=M,${decoration}\r\n[M.${decoration}]\r\nd=I,PCI\\A\r\n`;

interface Script {
  /** What dism prints when drivers are added. */
  readonly adds?: string;
  readonly code?: number;
  /** Original names and versions in the store afterwards. */
  readonly store: readonly (readonly [name: string, version: string])[];
}

/** dism in German over a folder; `argv` has what was run. */
function machine({ adds = '', code = 0, store }: Script) {
  const argv: string[][] = [];
  const log: string[] = [];
  const runTool = async (command: ToolCommand) => {
    argv.push([...command.argv]);
    const list = store.map(
      ([name, version], at) =>
        `Veröffentlichter Name : oem${at}.inf\r\nOriginaldateiname : ${name}\r\nIntegriert : Nein\r\n` +
        `Klassenname : Net\r\nAnbietername : M\r\nDatum : 03.02.2024\r\nVersion : ${version}\r\n\r\n`,
    );
    const isList = command.argv.includes('/Get-Drivers');
    const stdout = isList ? `Treiberpakete:\r\n\r\n${list.join('')}Fertig.\r\n` : adds;
    for (const piece of adds.match(/[^]{1,40}/g) ?? []) command.onOutput?.(piece);
    const end = isList ? 0 : code;
    return { code: end, exit: toolExit('dism', end), stdout, output: stdout };
  };
  const drivers = windowsDrivers(
    {
      runTool,
      log: (line) => log.push(line),
      registry: openRegistry({ run: fakeReg({}) }, '64'),
    },
    {
      disk: { mount: async () => ({ path: 'W:', async [Symbol.asyncDispose]() {} }) },
      facts: async () => ({
        architecture: 'x64',
        version: '10.0.26100',
        edition: 'Pro',
        productType: 'client',
        language: null,
        imageState: null,
      }),
    },
  );
  const add = async (folder: string, options: Partial<Parameters<typeof request>[1]> = {}) => {
    const steps = drivers.addDrivers(request(folder, options), signal);
    const details: string[] = [];
    for (;;) {
      const next = await steps.next();
      if (next.done === true) return { outcome: next.value, details };
      details.push(next.value.detail ?? '');
    }
  };
  return { argv, log, add };
}

function request(
  folder: string,
  options: { recurse?: boolean; unsigned?: boolean; options?: readonly string[] },
) {
  return { volume: 'gpt:1', folder, recurse: true, unsigned: false, options: [], ...options };
}

describe('drivers by dism', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drivers-'));
    const files = {
      'net/card.inf': infText(models('NTamd64')),
      'net/arm.inf': infText(models('NTarm64')),
      'disk/raid.INF': infText(models('NTamd64'), { DriverVer: '01/01/2020,2.0' }),
      'autorun.inf': '[autorun]\nopen=setup.exe',
    };
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  const lines = (message: string) =>
    'Es wurden 3 Treiberpakete gefunden.\r\n' +
    '1 von 3 wird installiert - D:\\p\\net\\card.inf: Das Treiberpaket wurde installiert.\r\n' +
    `2 von 3 wird installiert - D:\\p\\disk\\raid.INF: ${message}\r\n` +
    '3 von 3 wird installiert - D:\\p\\net\\arm.inf: Fehler.\r\n';

  it('M53 are added, and those that are in the store afterwards counted', async () => {
    const { argv, log, add } = machine({
      adds: lines('Das Treiberpaket wurde installiert.'),
      code: 50,
      store: [
        ['CARD.INF', '1.2.3.4'],
        ['raid.inf', '2.0.0.0'],
      ],
    });
    const { outcome, details } = await add(folder, { unsigned: true, options: ['/Quiet'] });
    expect(outcome).toEqual({ kind: 'in-store', added: 2, refused: [] });
    expect(argv).toEqual([
      `dism.exe /Image:W:\\ /Add-Driver /Driver:${folder} /Recurse /ForceUnsigned /Quiet`.split(
        ' ',
      ),
      'dism.exe /Image:W:\\ /Get-Drivers /Format:List'.split(' '),
    ]);
    expect(details.at(-1)).toBe('2 of 2 drivers');
    expect(log).toEqual([
      expect.stringMatching(/^autorun\.inf is no driver/),
      'net/arm.inf is not for x64',
      expect.stringMatching(/exit code 50/),
    ]);
  });

  it('M53 that are refused are named, in whatever language dism says so', async () => {
    const { log, add } = machine({
      adds: lines('Fehler - Das ging nicht.'),
      code: 2,
      // An older one of the same name was there before.
      store: [
        ['card.inf', '1.2.3.4'],
        ['raid.inf', '1.9.0.0'],
      ],
    });
    const { outcome } = await add(folder);
    expect(outcome).toEqual({ kind: 'in-store', added: 1, refused: ['disk/raid.INF'] });
    expect(log).toContain('Refused: disk/raid.INF: Fehler - Das ging nicht.');
  });

  it('M53 dism that ends well having done nothing is an error', async () => {
    await expect(machine({ store: [] }).add(folder)).rejects.toMatchObject({
      code: 'drivers.refused',
    });
  });

  it('M53 dism that fails with all of them is an error with its code', async () => {
    await expect(machine({ code: 0x800f0247, store: [] }).add(folder)).rejects.toMatchObject({
      code: 'tool.failed',
      exitCode: 0x800f0247,
    });
  });

  it('a folder without one is an error before dism runs, saying that there are some below', async () => {
    const { argv, add } = machine({ store: [] });
    await expect(add(folder, { recurse: false })).rejects.toMatchObject({
      code: 'drivers.no-inf',
      hint: expect.stringMatching(/recurse/),
    });
    await expect(add(join(folder, 'none'))).rejects.toMatchObject({ code: 'drivers.folder' });
    expect(argv).toEqual([]);
  });
});

describe('devices of Windows', () => {
  it('are read from the registry, whatever the language', async () => {
    const key = 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Enum\\PCI\\VEN_8086&DEV_15F3\\3&1';
    const run = fakeReg({
      [key]: {
        DeviceDesc: ['REG_SZ', '@oem1.inf,%x%;Netzwerkkarte; schnell'],
        HardwareID: ['REG_MULTI_SZ', 'PCI\\VEN_8086&DEV_15f3&REV_03\\0PCI\\VEN_8086&DEV_15F3'],
        CompatibleIDs: ['REG_MULTI_SZ', 'PCI\\CC_0200'],
      },
      [`${key}\\Device Parameters`]: {},
      'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Nls\\CodePage': {
        OEMCP: ['REG_SZ', '850'],
      },
    });
    const drivers = windowsDrivers(
      {
        runTool: () => Promise.reject(new Error('none')),
        log: () => {},
        registry: openRegistry({ run }, '64'),
      },
      {
        disk: { mount: () => Promise.reject(new Error('none')) },
        facts: () => Promise.reject(new Error('none')),
      },
    );
    expect(await drivers.devices(signal)).toEqual([
      {
        name: 'Netzwerkkarte; schnell',
        hardwareIds: ['PCI\\VEN_8086&DEV_15F3&REV_03', 'PCI\\VEN_8086&DEV_15F3'],
        compatibleIds: ['PCI\\CC_0200'],
      },
    ]);
  });
});
