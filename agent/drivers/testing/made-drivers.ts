import type { HardwareDevice } from '../../sequence/windows-capability.ts';
import { type DriverFacts, driverFacts } from '../driver-facts.ts';
import { parseInf } from '../inf.ts';

/** An INF file of a made-up maker, for tests. `models` are the sections from `[Manufacturer]` on. */
export function infText(models: string, version: Readonly<Record<string, string>> = {}): string {
  const lines = {
    Signature: '"$Windows NT$"',
    Class: 'Net',
    ClassGuid: '{4D36E972-E325-11CE-BFC1-08002BE10318}',
    Provider: '%Maker%',
    DriverVer: '02/03/2024,1.2.3.4',
    CatalogFile: 'made.cat',
    ...version,
  };
  const head = Object.entries(lines).map(([key, value]) => `${key} = ${value}`);
  return ['[Version]', ...head, models, '[Strings]', 'Maker = "Maker & Sons"', ''].join('\r\n');
}

/** Facts of such a file for amd64 from Windows 10 on, with these ids in one model. */
export function madeDriver(
  ids: readonly string[],
  options: {
    readonly version?: Readonly<Record<string, string>>;
    readonly install?: string;
    readonly decoration?: string;
    readonly inf?: string;
  } = {},
): DriverFacts {
  const { version = {}, install = '', decoration = 'NTamd64.10.0', inf = 'made.inf' } = options;
  const models = `[Manufacturer]\r\n%Maker% = Models, ${decoration}\r\n[Models.${decoration}]\r\n"A device" = Install, ${ids.join(', ')}\r\n${install}`;
  return driverFacts(parseInf(new TextEncoder().encode(infText(models, version))), inf);
}

export function madeDevice(
  hardwareIds: readonly string[],
  compatibleIds: readonly string[] = [],
): HardwareDevice {
  return { name: hardwareIds[0] ?? '', hardwareIds, compatibleIds };
}
