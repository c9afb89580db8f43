/** What Check Readiness asks, answered from what is known of the machine. */
import { z } from 'zod';
import type { FirmwareKind } from '#agent/protocol/identity.ts';
import type { TpmState } from '#agent/sequence/bitlocker-capability.ts';
import { compareVersions, parseVersion } from '#agent/sequence/condition/dotted-version.ts';
import type {
  SystemFacts,
  WmiInventory,
  WmiRow,
  WmiValue,
} from '#agent/sequence/query-capability.ts';
import { trueOrFalse } from './true-or-false.ts';
import { wholeNumber } from './whole-number.ts';

const MIB = 1024 ** 2;

const version = (title: string, example: string) =>
  z
    .string()
    .regex(/^\s*\d{1,9}(\.\d{1,9}){0,3}\s*$/, `a version is up to four numbers: ${example}`)
    .optional()
    .meta({ title, description: `${example}. Not checked without one.` });
const least = (title: string, most: number) =>
  wholeNumber(1, most).optional().meta({ title, description: 'Not checked without a number.' });

/** The checks as settings: what is not given is not checked. */
export const readinessFields = {
  memoryMb: least('Minimum memory (MB)', 100_000_000),
  processorMhz: least('Minimum processor speed (MHz)', 1_000_000),
  freeDiskMb: wholeNumber(1, 1_000_000_000).optional().meta({
    title: 'Minimum free disk space (MB)',
    description:
      'In an installed system, on its volume; in PE on one volume of a fixed disk, or a disk without partitions. Not checked without a number.',
  }),
  osType: z.enum(['client', 'server']).optional().meta({
    title: 'Current operating system to be refreshed is',
    description: 'Not checked without one.',
  }),
  osArchitecture: z.enum(['32-bit', '64-bit']).optional().meta({
    title: 'Architecture of current operating system',
    description: 'Not checked without one.',
  }),
  osMinimumVersion: version('Minimum operating system version', '10.0.19045'),
  osMaximumVersion: version('Maximum operating system version', '10.0.22631'),
  clientMinimumVersion: version('Minimum client version', '5.00.8913.1005').meta({
    title: 'Minimum client version',
    description:
      "Kept for Configuration Manager, and not checked: nothing here has a version in its client's counting.",
  }),
  osLanguage: wholeNumber(1, 0xffff).optional().meta({
    title: 'Language of current operating system',
    description: 'As a number: 1033 is English (United States). Not checked without one.',
  }),
  acPower: trueOrFalse().default(false).meta({ title: 'AC power plugged in' }),
  networkConnected: trueOrFalse().default(false).meta({ title: 'Network adapter connected' }),
  networkWired: trueOrFalse().default(false).meta({ title: 'Network adapter is not wireless' }),
  uefi: trueOrFalse().default(false).meta({ title: 'Computer is in UEFI mode' }),
  tpmEnabled: trueOrFalse().default(false).meta({ title: 'TPM 2.0 is enabled' }),
  tpmActivated: trueOrFalse().default(false).meta({ title: 'TPM 2.0 is activated' }),
};
const Readiness = z.object(readinessFields);
type Readiness = z.output<typeof Readiness>;

/** What the machine is like, as far as it is known. */
export interface ReadinessFacts {
  readonly inventory: WmiInventory;
  readonly system: SystemFacts | undefined;
  readonly firmware: FirmwareKind;
  /** The most room that is free in one place; undefined where that is not known. */
  readonly freeDiskBytes: number | undefined;
  /** Where WMI does not tell of one: the TPM as the system sees it. */
  readonly tpm: TpmState | undefined;
  /** Windows PE is a client to all that ask it: its Win32_OperatingSystem.ProductType is 1. */
  readonly inWindowsPe: boolean;
}

/** One check that was asked for. */
export interface ReadinessCheck {
  readonly setting: keyof Readiness;
  readonly wanted: string;
  /** What was seen; undefined where it is not known. */
  readonly seen: string | undefined;
  readonly passed: boolean;
}

/**
 * Each check that was asked for, in the order of the form. What cannot be known of this machine does not pass. The
 * version of Configuration Manager's client is no check here: nothing counts as it does.
 */
export function readinessChecks(
  wanted: Readiness,
  { inventory, system, firmware, freeDiskBytes, tpm: known, inWindowsPe }: ReadinessFacts,
): readonly ReadinessCheck[] {
  const first = (className: string, property: string): WmiValue | undefined =>
    inventory[className]?.[0]?.[property];
  const osVersion = system?.version === '' ? undefined : system?.version;
  const adapters = adaptersOf(inventory);
  const tpm = inventory['Win32_Tpm'];
  const memory = numberOf(first('Win32_ComputerSystem', 'TotalPhysicalMemory'));
  const isTpm = (property: string, state: 'enabled' | 'activated'): boolean | undefined =>
    tpm?.some((row) => String(row['SpecVersion']).startsWith('2.') && row[property] !== false) ??
    (known && known.present && known.version === '2.0' && known[state]);
  return [
    atLeast('memoryMb', wanted.memoryMb, memory && Math.round(memory / MIB), 'MB of memory'),
    atLeast(
      'processorMhz',
      wanted.processorMhz,
      numberOf(first('Win32_Processor', 'MaxClockSpeed')),
      'MHz',
    ),
    atLeast(
      'freeDiskMb',
      wanted.freeDiskMb,
      freeDiskBytes && Math.floor(freeDiskBytes / MIB),
      'MB free on a disk',
    ),
    check(
      'osType',
      wanted.osType,
      kindOf(system) ?? (inWindowsPe ? 'client' : undefined),
      (kind) => kind === wanted.osType,
    ),
    check(
      'osArchitecture',
      wanted.osArchitecture,
      system && (system.architecture === 'x86' ? '32-bit' : '64-bit'),
      (bits) => bits === wanted.osArchitecture,
    ),
    check(
      'osMinimumVersion',
      wanted.osMinimumVersion,
      osVersion,
      (seen) => differenceOf(seen, wanted.osMinimumVersion) >= 0,
    ),
    check(
      'osMaximumVersion',
      wanted.osMaximumVersion,
      osVersion,
      (seen) => differenceOf(seen, wanted.osMaximumVersion) <= 0,
    ),
    check(
      'osLanguage',
      wanted.osLanguage,
      system?.language ?? undefined,
      (language) => language === wanted.osLanguage,
    ),
    // BatteryStatus 1 is discharging; a machine without a battery is plugged in.
    flag(
      'acPower',
      wanted.acPower,
      inventory['Win32_Battery']?.every((row) => row['BatteryStatus'] !== 1),
      'AC power',
    ),
    flag('networkConnected', wanted.networkConnected, adapters && adapters.length > 0, 'a network'),
    flag(
      'networkWired',
      wanted.networkWired,
      adapters?.some((row) => !/wireless|wi-?fi|802\.11/i.test(String(row['Description']))),
      'a network by cable',
    ),
    flag('uefi', wanted.uefi, firmware === 'uefi', 'UEFI'),
    flag('tpmEnabled', wanted.tpmEnabled, isTpm('IsEnabled_InitialValue', 'enabled'), 'TPM 2.0'),
    flag(
      'tpmActivated',
      wanted.tpmActivated,
      isTpm('IsActivated_InitialValue', 'activated'),
      'TPM 2.0, activated',
    ),
  ].filter((each) => each !== undefined);
}

function check<Seen extends string | number | boolean>(
  setting: keyof Readiness,
  wanted: string | number | undefined,
  seen: Seen | undefined,
  holds: (seen: Seen) => boolean,
): ReadinessCheck | undefined {
  if (wanted === undefined) return undefined;
  return {
    setting,
    wanted: String(wanted),
    seen: seen === undefined ? undefined : String(seen),
    passed: seen !== undefined && holds(seen),
  };
}

function atLeast(
  setting: keyof Readiness,
  least: number | undefined,
  seen: number | undefined,
  unit: string,
): ReadinessCheck | undefined {
  const wanted = least === undefined ? undefined : `${least} ${unit}`;
  return check(setting, wanted, seen, (value) => value >= (least ?? 0));
}

function flag(
  setting: keyof Readiness,
  isAsked: boolean,
  seen: boolean | undefined,
  wanted: string,
): ReadinessCheck | undefined {
  return check(setting, isAsked ? wanted : undefined, seen, (value) => value);
}

function kindOf(system: SystemFacts | undefined): 'client' | 'server' | undefined {
  const type = system?.productType ?? undefined;
  return type === 'domain-controller' ? 'server' : type;
}

/** Adapters with IP, or not known to be without; undefined where no class tells of any. */
function adaptersOf(inventory: WmiInventory): readonly WmiRow[] | undefined {
  return inventory['Win32_NetworkAdapterConfiguration']?.filter(
    (row) => row['IPEnabled'] !== false,
  );
}

function numberOf(value: WmiValue | undefined): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Below zero, zero or above it, as for sorting. A text that is no version differs from none. */
function differenceOf(seen: string, wanted = ''): number {
  const [left, right] = [parseVersion(seen), parseVersion(wanted.trim())];
  return left === undefined || right === undefined ? 0 : compareVersions(left, right);
}
