import { describe, expect, it } from 'vitest';
import { chooseDrivers } from './choose.ts';
import { DRIVER_INDEX, filesOfDriver } from './driver-index.ts';
import { madeDevice, madeDriver } from './testing/made-drivers.ts';

const os = { architecture: 'x64', version: '10.0.26100', productType: 'client' } as const;
const card = madeDevice(['PCI\\A&REV_1', 'PCI\\A'], ['PCI\\CC_0200']);
const version = (DriverVer: string) => ({ version: { DriverVer } });
const extension = (ExtensionId: string, DriverVer: string) => ({
  version: { ClassGuid: '{E2F84CE7-8EFA-411C-AA69-97454CA4CB57}', ExtensionId, DriverVer },
});

function choose(
  drivers: Readonly<Record<string, ReturnType<typeof madeDriver>>>,
  devices = [card],
  bestMatch = true,
): string[] {
  const candidates = Object.entries(drivers).map(([name, facts]) => ({ name, facts }));
  return chooseDrivers(devices, candidates, { os, bestMatch }).map(({ driver }) => driver.name);
}

describe('M43 choosing drivers', () => {
  it('takes the more specific, then the newer by date, then by version', () => {
    const drivers = {
      general: madeDriver(['PCI\\CC_0200'], version('01/01/2025,9.0')),
      older: madeDriver(['PCI\\A&REV_1'], version('01/01/2020,9.0')),
      lower: madeDriver(['PCI\\A&REV_1'], version('01/01/2021,1.0')),
      best: madeDriver(['PCI\\A&REV_1'], version('01/01/2021,1.10')),
      other: madeDriver(['PCI\\B']),
    };
    expect(choose(drivers)).toEqual(['best']);
    expect(choose(drivers, [card], false)).toEqual(['best', 'lower', 'older', 'general']);
    expect(choose(drivers, [])).toEqual([]);
  });

  it('takes one driver for several devices once', () => {
    const drivers = { both: madeDriver(['PCI\\A', 'PCI\\B']) };
    expect(choose(drivers, [card, madeDevice(['PCI\\B'])])).toEqual(['both']);
  });

  it('adds extensions, one of each kind, and the software components that they make', () => {
    const components =
      '[Install.Components]\r\nAddComponent=App,,C\r\n[C]\r\nComponentIDs=VID1&App';
    const drivers = {
      base: madeDriver(['PCI\\A']),
      old: madeDriver(['PCI\\A'], extension('{1}', '01/01/2020,1.0')),
      new: madeDriver(['PCI\\A'], { ...extension('{1}', '01/01/2022,1.0'), install: components }),
      second: madeDriver(['PCI\\A'], extension('{2}', '01/01/2019,1.0')),
      app: madeDriver(['SWC\\VID1&App']),
      unused: madeDriver(['SWC\\VID1&Other']),
    };
    expect(choose(drivers).sort()).toEqual(['app', 'base', 'new', 'second']);
  });
});

describe('files of a driver', () => {
  const paths = [
    'net/card.inf',
    'net/other.inf',
    'net/card.sys',
    'net/x64/card.dll',
    'net/x64/deep/a.dll',
    'net/usb/usb.inf',
    'net/usb/usb.sys',
    'disk/d.sys',
    'root.inf',
    'root.sys',
    DRIVER_INDEX,
  ];
  const of = (inf: string) =>
    filesOfDriver(
      inf,
      paths.map((path) => ({ path })),
    ).map(({ path }) => path);

  it('are those of its folder and below, but for other drivers', () => {
    expect(of('net/card.inf')).toEqual([
      'net/card.inf',
      'net/card.sys',
      'net/x64/card.dll',
      'net/x64/deep/a.dll',
    ]);
    expect(of('root.inf')).toEqual(['disk/d.sys', 'root.inf', 'root.sys']);
  });
});
