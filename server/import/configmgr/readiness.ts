import type { MapStep } from '../map-step.ts';
import type { StepReader } from '../step-reader.ts';
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
    const isOn = isChecked(reader, check);
    const wanted = wantedOf(reader, param, value);
    if (isOn && wanted !== undefined) params[param] = wanted;
    if (isOn && wanted === undefined)
      reader.need({
        kind: 'setting',
        message: `${check} is on, and ${value} says nothing: not checked`,
      });
  }
  for (const [param, names] of Object.entries(switches))
    if (isChecked(reader, ...names)) params[param] = true;
  return typed(reader, 'check-readiness', params);
};

/** The names of variables have a prefix before those of the editor. */
function isChecked(reader: StepReader, ...names: readonly string[]): boolean {
  return reader.flag(...names, ...names.map((name) => `OSD${name}`)) === true;
}

/** The editor leaves `. .` where no version was written, and zero where no number was. */
function wantedOf(reader: StepReader, param: string, name: string): unknown {
  if (numbers.has(param)) return reader.number(name, `OSD${name}`) || undefined;
  const text = reader.text(name, `OSD${name}`)?.replaceAll(' ', '') ?? '';
  if (/^\.*$/.test(text)) return undefined;
  if (param === 'osType') return text.toLowerCase();
  if (param === 'osArchitecture') return /^\d+$/.test(text) ? `${text}-bit` : text;
  return text;
}
