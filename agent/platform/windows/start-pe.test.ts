import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { NetworkInterfaceInfo } from 'node:os';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StepError } from '../../sequence/step-error.ts';
import { networkCards, pciDevices } from './pci-devices.ts';
import { parseRegQuery } from './query/reg-output.ts';
import type { Registry } from './query/registry.ts';
import type { RunWindowsTool } from './run-tool.ts';
import { hasAddress, loadDrivers, missingNetwork, waitForNetwork } from './start-pe.ts';

const { signal } = new AbortController();
const done = { exit: { outcome: 'done', meaning: '' }, stdout: '', output: '' } as const;
const address = (text: string): NetworkInterfaceInfo => ({
  address: text,
  family: 'IPv4',
  netmask: '255.255.255.0',
  mac: '00:11:22:33:44:55',
  internal: false,
  cidr: null,
});
const enumPci = `
HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Enum\\PCI\\VEN_8086&DEV_15F3&SUBSYS_00&REV_03\\3&1
    HardwareID    REG_MULTI_SZ    PCI\\VEN_8086&DEV_15F3&SUBSYS_00&REV_03\\0PCI\\VEN_8086&DEV_15F3&CC_020000
    CompatibleIDs    REG_MULTI_SZ    PCI\\VEN_8086\\0PCI\\CC_0200

HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Enum\\PCI\\VEN_1AF4&DEV_1000\\3&2
    HardwareID    REG_MULTI_SZ    PCI\\VEN_1AF4&DEV_1000\\0PCI\\VEN_1AF4&DEV_1000&CC_020000
    Service    REG_SZ    netkvm
`;
const registry: Registry = {
  read: async () => null,
  tree: async () => parseRegQuery(enumPci),
};

describe('M53 the start of Windows PE', () => {
  it('loads the drivers of each folder in the order of the settings, and logs each outcome', async () => {
    const root = await mkdtemp(join(tmpdir(), 'metalwright-drivers-'));
    try {
      for (const name of ['1-vmd/x.inf', '2-rst/deep/b.INF', '2-rst/a.inf', '2-rst/a.sys']) {
        await mkdir(join(root, name, '..'), { recursive: true });
        await writeFile(join(root, name), '');
      }
      const [loaded, log]: [string[], string[]] = [[], []];
      const runTool: RunWindowsTool = async ({ argv: [, inf = ''] }) => {
        loaded.push(inf.slice(root.length));
        if (inf.endsWith('a.inf')) throw new StepError('tool.timeout', 'too long');
        const exit = { outcome: 'failed', meaning: 'no device' } as const;
        return inf.endsWith('x.inf') ? { ...done, code: 0 } : { ...done, code: 5, exit };
      };
      const folders = ['2-rst', '1-vmd', 'missing'].map((name) => join(root, name));
      await loadDrivers(folders, { runTool, log: (line) => log.push(line), tell() {} }, signal);
      expect(loaded).toEqual(['/2-rst/a.inf', '/2-rst/deep/b.INF', '/1-vmd/x.inf']);
      expect(log.map((line) => line.replaceAll(root, ''))).toEqual([
        'Driver /2-rst/a.inf: too long',
        'Driver /2-rst/deep/b.INF: not loaded, 5: no device',
        'Driver /1-vmd/x.inf: loaded',
        'No drivers are in /missing',
      ]);
    } finally {
      await rm(root, { recursive: true });
    }
  });

  it('waits for an address, and says which driver is missing while there is none', async () => {
    let waited = 0;
    const told: string[] = [];
    const tools: string[] = [];
    await waitForNetwork(
      {
        networkInterfaces: () => ({ e: [address(waited < 30 ? '169.254.1.2' : '10.0.0.9')] }),
        pciDevices: async () => pciDevices(registry, signal),
        runTool: async ({ argv }) => {
          tools.push(argv.join(' '));
          return { ...done, code: 0 };
        },
        log() {},
        tell: ({ code, text }) => told.push(`${code}: ${text}`),
        wait: async () => void (waited += 1),
      },
      signal,
    );
    expect(waited).toBe(30);
    expect(tools).toEqual(['wpeutil.exe InitializeNetwork']);
    expect(told).toEqual([
      'null: Waiting for the network',
      expect.stringMatching(/^network\.none: .*PCI\\VEN_8086&DEV_15F3&SUBSYS_00&REV_03: add it/),
    ]);
  });

  it('tells a missing driver from a missing cable and from no controller at all', async () => {
    const cards = networkCards(await pciDevices(registry, signal));
    expect(cards.map(({ hasDriver }) => hasDriver)).toEqual([false, true]);
    expect(missingNetwork(cards.slice(1))).toContain('cable');
    expect(missingNetwork([])).toContain('sees no network controller');
    expect(hasAddress({ lo: [{ ...address('127.0.0.1'), internal: true }] })).toBe(false);
    expect(hasAddress({})).toBe(false);
  });
});
