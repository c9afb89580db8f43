import { describe, expect, it } from 'vitest';
import { missingBootDrivers } from './boot-critical.ts';
import { driverFacts } from './driver-facts.ts';
import { compareDriverVersions, parseDriverVersion } from './driver-version.ts';
import { parseInf } from './inf.ts';
import { compareMatches, matchDriver, sectionsFor } from './match.ts';
import { type DriverTarget, fitsTarget, parseTargetOs } from './target-os.ts';
import { infText, madeDevice, madeDriver } from './testing/made-drivers.ts';

const windows11: DriverTarget = {
  architecture: 'x64',
  version: '10.0.26100.1742',
  productType: 'client',
};

describe('decorations', () => {
  it.each([
    ['NTamd64', '6.1.7601', true],
    ['NTamd64.10.0', '6.3.9600', false],
    ['NTamd64.10.0...16299', '10.0.15063', false],
    ['NTamd64.10.0...16299', '10.0.16299', true],
    ['NTamd64.6.1...99999', '10.0.26100', true],
    ['NT.10', '10.0.26100', true],
    ['NTamd64.10.0.1', '10.0.26100', true],
    ['NTamd64.10.0.0x3', '10.0.26100', false],
  ])('%s on %s: %s', (decoration, version, fits) => {
    const target = parseTargetOs(decoration);
    expect(target && fitsTarget(target, { ...windows11, version })).toBe(fits);
  });

  it('knows servers', () => {
    const server = { ...windows11, productType: 'server' } as const;
    const fits = (text: string) => fitsTarget(parseTargetOs(text) ?? expect.fail(), server);
    expect([fits('NTamd64.10.0.1'), fits('NTamd64.10.0.3'), fits('NTamd64')]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it.each(['NT$ARCH$', 'amd64', 'NTmips', 'NTamd64.x', 'NTamd64.1.2.3.4.5.6'])(
    'takes %s for none',
    (text) => {
      expect(parseTargetOs(text)).toBeNull();
    },
  );

  it('takes the section for the newest that fits, even an empty one', () => {
    const text = infText(
      '[Manufacturer]\nM = M, NTamd64.6.1, NTamd64.10.0, NTamd64.10.0...22000, NTarm64\n' +
        '[M]\nd=I,A\n[M.NTamd64.6.1]\nd=I,B\n[M.NTamd64.10.0]\nd=I,C\n[M.NTamd64.10.0...22000]\n',
    );
    const facts = driverFacts(parseInf(Buffer.from(text)), 'x.inf');
    const idsOn = (os: Partial<DriverTarget>) =>
      sectionsFor(facts, { ...windows11, ...os }).map(({ models }) =>
        models.map(({ hardwareId }) => hardwareId).join(),
      );
    expect(idsOn({ version: '10.0.19045' })).toEqual(['C']);
    expect(idsOn({ version: '6.3.9600' })).toEqual(['B']);
    expect(idsOn({})).toEqual(['']);
    expect(idsOn({ architecture: 'x86' })).toEqual(['A']);
    expect(idsOn({ architecture: 'arm64' })).toEqual(['']);
  });
});

describe('matching', () => {
  const device = madeDevice(['PCI\\A&REV_1', 'PCI\\A'], ['PCI\\A&CC_0200', 'PCI\\CC_0200']);

  it('ranks hardware ids before compatible ones, and by their place', () => {
    const scores = [
      ['PCI\\A&REV_1'],
      ['pci\\a'],
      ['OTHER', 'PCI\\A&REV_1'],
      ['PCI\\A&CC_0200'],
      ['OTHER', 'PCI\\CC_0200'],
      ['OTHER'],
    ].map((ids) => matchDriver(madeDriver(ids), device, windows11)?.identifierScore ?? null);
    expect(scores).toEqual([0, 1, 0x1000, 0x2000, 0x3001, null]);
  });

  it('takes the feature score of the maker first', () => {
    const plain = matchDriver(madeDriver(['PCI\\A&REV_1']), device, windows11);
    const scored = madeDriver(['PCI\\CC_0200'], { install: '[Install.NT]\nFeatureScore=10' });
    const match = matchDriver(scored, device, windows11);
    expect(match && plain && compareMatches(match, plain)).toBeLessThan(0);
  });

  it('leaves out what the driver excludes and other processors', () => {
    const excluding = madeDriver(['PCI\\CC_0200'], {
      install: '[Install]\nExcludeID = x, pci\\a&rev_1',
    });
    expect(matchDriver(excluding, device, windows11)).toBeNull();
    const arm = { ...windows11, architecture: 'arm64' } as const;
    expect(matchDriver(madeDriver(['PCI\\A']), device, arm)).toBeNull();
  });

  it('orders by date, then version, and takes none for the oldest', () => {
    const sorted = [
      ['garbage', 'x'],
      ['12/31/2020', '9.0'],
      ['1-2-2024', '1.10.0.0'],
      ['01/02/2024', '1.9'],
    ]
      .map(parseDriverVersion)
      .sort(compareDriverVersions)
      .map(({ version }) => version);
    expect(sorted).toEqual(['1.10.0.0', '1.9.0.0', '9.0.0.0', null]);
  });
});

describe('drivers to start from a disk', () => {
  const nvme = madeDevice(['PCI\\VEN_1&DEV_2'], ['PCI\\CC_010802', 'PCI\\CC_0108']);
  const card = madeDevice(['PCI\\VEN_1&DEV_3'], ['PCI\\CC_0200']);
  const install = '[Install.Services]\nAddService=StorNVMe,2,S\n[S]\nStartType=0';
  const inbox = madeDriver(['PCI\\CC_0108'], { install, inf: 'stornvme.inf' });
  const image = { os: windows11, drivers: [inbox], bootServices: ['stornvme'] };

  it('are there where one is for the controller and its service starts at boot', () => {
    expect(missingBootDrivers([nvme, card], image)).toEqual([]);
  });
  it('are missing without any, and where the service does not start then', () => {
    expect(missingBootDrivers([nvme, card], { ...image, drivers: [] })).toEqual([
      { device: nvme, reason: { kind: 'no-driver' } },
    ]);
    expect(missingBootDrivers([nvme], { ...image, bootServices: ['disk'] })).toEqual([
      {
        device: nvme,
        reason: { kind: 'not-at-boot', inf: 'stornvme.inf', services: ['StorNVMe'] },
      },
    ]);
  });
  it('are no extensions, and may come from another INF file', () => {
    const version = { ClassGuid: '{E2F84CE7-8EFA-411C-AA69-97454CA4CB57}', ExtensionId: '{1}' };
    const extension = madeDriver(['PCI\\CC_0108'], { install, version });
    expect(missingBootDrivers([nvme], { ...image, drivers: [extension] })).toHaveLength(1);
    const needing = madeDriver(['PCI\\CC_0108'], { install: '[Install]\nNeeds=Other' });
    expect(missingBootDrivers([nvme], { ...image, drivers: [needing] })).toEqual([]);
  });
  it('are asked for VMD and Hyper-V, not for floppy disks', () => {
    const vmd = madeDevice(['PCI\\VEN_8086&DEV_9A0B&CC_010400']);
    const hyperV = madeDevice(['VMBUS\\{BA6163D9-04A1-4D29-B605-72E2FFB1DC7F}']);
    const floppy = madeDevice(['PCI\\VEN_1&DEV_5'], ['PCI\\CC_010200']);
    const missing = missingBootDrivers([vmd, hyperV, floppy], { ...image, drivers: [] });
    expect(missing.map(({ device }) => device)).toEqual([vmd, hyperV]);
  });
});
