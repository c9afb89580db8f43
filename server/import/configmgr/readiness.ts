import type { MapStep } from '../map-step.ts';
import type { StepReader } from '../step-reader.ts';
import { numberOf, switchOf, tell } from './setting-values.ts';
import { typed } from './typed-step.ts';

/** Switch and value of each check with a value; a check that is off keeps its value, which means nothing. */
const values = {
  memoryMb: ['CheckMemory', 'Memory'],
  processorMhz: ['CheckProcessorSpeed', 'ProcessorSpeed'],
  freeDiskMb: ['CheckFreeDiskSpace', 'FreeDiskSpace'],
  osType: ['CheckOSType', 'OSType'],
  osArchitecture: ['CheckOSArchitecture', 'OSArchitecture'],
  osMinimumVersion: ['CheckMinOSVersion', 'MinOSVersion'],
  osMaximumVersion: ['CheckMaxOSVersion', 'MaxOSVersion'],
  clientMinimumVersion: ['CheckCMClientMinVersion', 'CMClientMinVersion'],
  osLanguage: ['CheckOSLanguageID', 'OSLanguageID'],
} as const;
const switches = {
  acPower: ['CheckPowerState'],
  networkConnected: ['CheckNetworkConnected'],
  networkWired: ['CheckNetworkWired'],
  uefi: ['CheckDeviceUEFI'],
  tpmEnabled: ['CheckTpmEnabled', 'CheckDeviceTpmEnabled'],
  tpmActivated: ['CheckTpmActivated', 'CheckDeviceTpmActivated'],
} as const;
const numbers: ReadonlySet<string> = new Set([
  'memoryMb',
  'processorMhz',
  'freeDiskMb',
  'osLanguage',
]);

/** Check Readiness. */
export const checkReadiness: MapStep = (reader) => {
  const params: Record<string, unknown> = {};
  for (const [param, [check, value]] of Object.entries(values)) {
    const isOn = checkOf(reader, [check]) ?? false;
    const wanted = wantedOf(reader, param, value);
    if (typeof isOn === 'string')
      tell(reader, `Whether ${value} is checked is not clear: ${isOn.slice(0, 100)}; it is`);
    if (isOn !== false && wanted === undefined)
      tell(reader, `${check} is on, and ${value} says nothing: not checked`);
    if (isOn !== false) params[param] = wanted;
  }
  for (const [param, names] of Object.entries(switches))
    params[param] = checkOf(reader, names) || undefined;
  return typed(reader, 'check-readiness', params);
};

/** The names of variables have a prefix before those of the editor. */
function checkOf(
  reader: StepReader,
  [first, ...others]: readonly [string, ...string[]],
): boolean | string | undefined {
  const prefixed = [first, ...others].map((name) => `OSD${name}`);
  return switchOf(reader, first, ...others, ...prefixed);
}

/** The editor leaves `. .` where no version was written, and zero where no number was. */
function wantedOf(reader: StepReader, param: string, name: string): unknown {
  if (numbers.has(param)) return numberOf(reader, name, `OSD${name}`) || undefined;
  const text = reader.text(name, `OSD${name}`)?.replaceAll(' ', '') ?? '';
  if (/^\.*$/.test(text)) return undefined;
  if (param === 'osType') return text.toLowerCase();
  if (param === 'osArchitecture') return /^\d+$/.test(text) ? `${text}-bit` : text;
  return text;
}
