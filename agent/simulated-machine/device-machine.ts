import type { z } from 'zod';
import { DeploymentId, MachineIdentity } from '#agent/protocol/identity.ts';
import type { VariableChange } from '#agent/protocol/run-event.ts';
import type { RegistryFacts } from '#agent/sequence/query-capability.ts';
import { builtInVariables } from '../driver/built-in-variables.ts';
import type { SimulatedDevice } from './device.ts';
import { deviceInventory } from './device-inventory.ts';
import type { SimulatedMachineOptions } from './machine.ts';
import type { SimulatedRegistry } from './query.ts';

const GIB = 1024 ** 3;
/** Decimal, as disks are sold. */
const GB = 1e9;
const ASSUMED_DISK_GB = 256;

/** A described device as a machine: every program it is asked to run ends with 0. */
export function deviceMachine(device: SimulatedDevice): SimulatedMachineOptions {
  const { firmware, architecture, pe, os } = device;
  const disks = device.disks ?? [assumedDisk(device)];
  const powershell = device.powershell ?? pe === 'winpe';
  return {
    firmware,
    architecture,
    pe,
    installed: device.starts === 'full-os',
    disks: disks.map(({ sizeGb, model, serialNumber, bus, removable, ...disk }) => ({
      sizeBytes: Math.round(sizeGb * GB),
      ...(model === undefined ? {} : { model }),
      ...(serialNumber === undefined ? {} : { serial: serialNumber }),
      ...(bus === undefined ? {} : { bus }),
      removable: removable ?? bus === 'usb',
      bootMedium: disk.bootMedium,
      readOnly: disk.readOnly,
      sectorBytes: disk.sectorBytes,
      partitions: disk.partitions.map(({ sizeGb, freeGb = sizeGb, ...partition }) => ({
        ...partition,
        sizeBytes: Math.round(sizeGb * GB),
        freeBytes: Math.round(freeGb * GB),
      })),
    })),
    otherProgram: () => ({ code: 0 }),
    powershell: powershell ? ['powershell.exe'] : null,
    files: device.files === undefined ? null : pathsOf(device.files),
    folders: device.folders === undefined ? null : pathsOf(device.folders),
    registry: device.registry === undefined ? null : registryOf(device.registry),
    products:
      device.products?.map(({ productCode, upgradeCode, name, version }) => ({
        productCode: productCode.toUpperCase(),
        upgradeCode: upgradeCode?.toUpperCase() ?? null,
        name,
        version,
      })) ?? null,
    os:
      os === undefined
        ? null
        : {
            family: os.family,
            version: os.version,
            productType: os.productType ?? null,
            language: os.language ?? null,
          },
    inventory: deviceInventory(device),
  };
}

/** Empty, unless the operating system that the run begins in is on it. */
function assumedDisk({
  starts,
  firmware,
  os,
}: SimulatedDevice): NonNullable<SimulatedDevice['disks']>[number] {
  const fileSystem = os?.family === 'linux' ? 'ext4' : 'ntfs';
  const efi = { sizeGb: 0.1, fileSystem: 'fat32', type: 'efi' } as const;
  const system = { sizeGb: ASSUMED_DISK_GB - 1, fileSystem, type: 'primary' } as const;
  const installed = firmware === 'uefi' ? [efi, system] : [system];
  return {
    sizeGb: ASSUMED_DISK_GB,
    readOnly: false,
    bootMedium: false,
    sectorBytes: 512,
    partitions: starts === 'full-os' ? installed : [],
  };
}

/** What is taken for granted of a device, because its description does not tell. */
export function deviceAssumptions({ disks, starts, notes }: SimulatedDevice): readonly string[] {
  if (disks !== undefined) return notes;
  const held = starts === 'full-os' ? ' with its operating system' : '';
  return [...notes, `its disks are not described: one of ${ASSUMED_DISK_GB} GB${held} is assumed`];
}

/** Variables that a run on this device begins with, before those of device and collections. */
export function deviceBuiltIns(
  device: SimulatedDevice,
  sequenceName: string,
): readonly VariableChange[] {
  const identity = MachineIdentity.parse({
    smbiosGuid: device.smbiosGuid ?? null,
    macAddresses: device.macAddresses,
    serialNumber: device.serialNumber ?? null,
    assetTag: device.assetTag ?? null,
    manufacturer: device.manufacturer ?? null,
    model: device.model ?? null,
    architecture: device.architecture,
    firmware: device.firmware,
    secureBoot: device.secureBoot,
    memoryBytes: Math.round((device.memoryGb ?? 0) * GIB),
  } satisfies z.input<typeof MachineIdentity>);
  const variables = builtInVariables(identity, {
    deploymentId: DeploymentId.parse('SIMULATED'),
    deviceName: device.name,
    sequenceName,
  });
  if (device.starts === 'pe') return variables;
  // Started by the agent of an installed system (reference: variables, section 2): from no media.
  return variables.flatMap((change) => {
    if (change.name === '_SMSTSMediaType') return [];
    return change.name === '_SMSTSLaunchMode' ? [{ ...change, value: 'SMS' }] : [change];
  });
}

/** Variables of the device and its collections. */
export function deviceVariables({ variables }: SimulatedDevice): readonly VariableChange[] {
  return Object.entries(variables).map(([name, given]) =>
    typeof given === 'string' ? { name, value: given, secret: false } : { name, ...given },
  );
}

function pathsOf(
  paths: NonNullable<SimulatedDevice['files']>,
): Readonly<Record<string, { modifiedMs?: number; version?: string }>> {
  return Object.fromEntries(
    Object.entries(paths).map(([path, properties]) => [
      path,
      {
        ...(properties?.modified === undefined
          ? {}
          : { modifiedMs: Date.parse(properties.modified) }),
        ...(properties?.version === undefined ? {} : { version: properties.version }),
      },
    ]),
  );
}

/** A number is a REG_DWORD and a text a REG_SZ, unless the description says otherwise. */
function registryOf(registry: NonNullable<SimulatedDevice['registry']>): SimulatedRegistry {
  return Object.fromEntries(
    Object.entries(registry).map(([key, values]) => [
      key,
      Object.fromEntries(
        Object.entries(values).map(([name, given]) => [name, registryValue(given)]),
      ),
    ]),
  );
}

function registryValue(
  given: NonNullable<SimulatedDevice['registry']>[string][string],
): NonNullable<RegistryFacts['value']> {
  if (typeof given === 'string') return { type: 'REG_SZ', data: given };
  if (typeof given === 'number') return { type: 'REG_DWORD', data: String(given) };
  const { type, data } = given;
  return { type, data: Array.isArray(data) ? data.join('\n') : String(data) };
}

/** What a device is, in a few words each. */
export function deviceFacts(device: SimulatedDevice): readonly string[] {
  const { manufacturer, model, firmware, secureBoot, pe } = device;
  const make = [manufacturer, model].filter(Boolean).join(' ');
  const boot = firmware === 'bios' ? 'BIOS' : `UEFI${secureBoot ? ' with Secure Boot' : ''}`;
  return [
    make === '' ? 'make and model not known' : make,
    device.architecture,
    boot,
    pe === 'winpe' ? 'Windows PE' : 'Linux PE',
    ...(device.starts === 'full-os' ? ['starts in its operating system'] : []),
  ];
}
