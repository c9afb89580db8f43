import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineIdentity } from '../../protocol/identity.ts';
import { readSmbios, type SmbiosFacts } from '../smbios/facts.ts';
import { readNumber, readText } from './sysfs.ts';

/** SMBIOS and what ACPI adds to it. */
export interface FirmwareFacts {
  readonly smbios: SmbiosFacts;
  /** ACPI's OEM id and revision, as Windows writes them: `DELL   - 1072009`. */
  readonly oem: string | null;
  /** ACPI's preferred profile: 1 desktop, 2 mobile ... */
  readonly profile: number | undefined;
}

/** Firmware of this machine: its table, or, where it may not be read, what the kernel took out of it. */
export async function readFirmware(sys: string): Promise<FirmwareFacts> {
  const table = await readFile(join(sys, 'firmware/dmi/tables/DMI')).catch(() => undefined);
  return {
    smbios: table ? readSmbios(table) : await readDmiFolder(join(sys, 'class/dmi/id')),
    oem: await firmwareOem(join(sys, 'firmware/acpi/tables/FACP')),
    profile: (await readNumber(join(sys, 'firmware/acpi/pm_profile'))) ?? undefined,
  };
}

/** The same of a machine that is only described. */
export function describedFirmware(identity: MachineIdentity): FirmwareFacts {
  const { manufacturer, model, serialNumber, smbiosGuid, assetTag } = identity;
  const part = { manufacturer, product: model, version: null, serialNumber, assetTag };
  return {
    smbios: {
      bios: { vendor: manufacturer, version: null, releaseDate: null, release: null },
      system: { ...part, uuid: smbiosGuid, sku: null, family: null },
      boards: [],
      enclosures: [{ ...part, product: null, chassisType: null, sku: null }],
      processors: [],
      memorySlots: null,
      memory: [],
    },
    oem: null,
    profile: undefined,
  };
}

async function readDmiFolder(folder: string): Promise<SmbiosFacts> {
  const text = async (name: string): Promise<string | null> => readText(join(folder, name));
  const part = async (prefix: string, product: string) => ({
    manufacturer: await text(`${prefix}_vendor`),
    product: product === '' ? null : await text(product),
    version: await text(`${prefix}_version`),
    serialNumber: await text(`${prefix}_serial`),
    assetTag: await text(`${prefix}_asset_tag`),
  });
  const system = {
    ...(await part('product', 'product_name')),
    manufacturer: await text('sys_vendor'),
  };
  const board = await part('board', 'board_name');
  const enclosure = await part('chassis', '');
  const bios = { vendor: await text('bios_vendor'), version: await text('bios_version') };
  const releaseDate = await text('bios_date');
  const [major, minor] = (await text('bios_release'))?.split('.').map(Number) ?? [];
  const release = major !== undefined && minor !== undefined ? ([major, minor] as const) : null;
  return {
    bios: bios.vendor === null && bios.version === null ? null : { ...bios, releaseDate, release },
    system:
      system.manufacturer === null && system.product === null
        ? null
        : {
            ...system,
            uuid: await text('product_uuid'),
            sku: await text('product_sku'),
            family: await text('product_family'),
          },
    boards: board.manufacturer === null && board.product === null ? [] : [board],
    enclosures:
      (await text('chassis_type')) === null
        ? []
        : [
            {
              ...enclosure,
              chassisType: await readNumber(join(folder, 'chassis_type')),
              sku: null,
            },
          ],
    processors: [],
    memorySlots: null,
    memory: [],
  };
}

/** OEM id at +10 and OEM revision at +24 of an ACPI table's header (ACPI, 5.2.6); all tables have the same. */
async function firmwareOem(path: string): Promise<string | null> {
  const table = await readFile(path).catch(() => undefined);
  if (!table || table.length < 36) return null;
  const id = table.subarray(10, 16).toString('latin1').replaceAll('\0', ' ');
  return `${id} - ${table.readUInt32LE(24).toString(16)}`;
}
