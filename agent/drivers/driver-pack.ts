import { z } from 'zod';
import { MachineArchitecture } from '../protocol/identity.ts';

const Text = z.string().trim().min(1).max(256);
const Texts = z.array(Text).max(2000).default([]);

/** Makers whose packs name machines in ways of their own. */
export const packVendors = ['dell', 'hp', 'lenovo', 'microsoft'] as const;
export const PackWindows = z.enum(['windows-10', 'windows-11']);
export type PackWindows = z.infer<typeof PackWindows>;

/** For which machines a driver package was made: what a maker of machines says of its driver pack, or an operator. */
export const DriverPack = z.object({
  /** Null: not one of those, or not known; then any maker's machine may have that model. */
  vendor: z.enum(packVendors).nullable().default(null),
  /** The maker's version or release of the pack. */
  version: Text.nullable().default(null),
  /** Names of models: `Latitude 5440`. */
  models: Texts,
  /** SMBIOS, System SKU Number: Dell's system id `0CBB`, `Surface_Pro_9_2038`. */
  systemSkus: Texts,
  /** SMBIOS, product of the baseboard: HP's platform id `8AB8`. */
  baseBoards: Texts,
  /** The four characters that Lenovo's model numbers begin with: `21HD`. */
  lenovoTypes: Texts,
  /** Without any, for each. */
  windows: z.array(PackWindows).max(2).default([]),
  /** Without any, for each. */
  architectures: z.array(MachineArchitecture).max(3).default([]),
});
export type DriverPack = z.infer<typeof DriverPack>;

/** What a machine's firmware says it is; null is not known. */
export interface PackMachine {
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly systemSku: string | null;
  readonly baseBoardProduct: string | null;
  /** Lenovo's name for people, `ThinkPad T14 Gen 4`: its model is a number. */
  readonly systemFamily: string | null;
}

/** By what a pack is for a machine. */
export type PackFit = 'system-sku' | 'baseboard' | 'lenovo-type' | 'model';

/**
 * Whether a pack is for a machine, and by what; null where it is not. A pack that names no machines at all is for none.
 * Codes of four digits mean something with one maker alone, so that the maker must be the same. Pure.
 */
export function fitPack(pack: DriverPack, machine: PackMachine): PackFit | null {
  const maker = vendorOf(machine.manufacturer);
  if (pack.vendor !== null && maker !== pack.vendor) return null;
  if (has(pack.systemSkus, machine.systemSku)) return 'system-sku';
  if (has(pack.baseBoards, machine.baseBoardProduct)) return 'baseboard';
  const { model, systemFamily } = machine;
  const isLenovo = maker === 'lenovo';
  if (isLenovo && model !== null && has(pack.lenovoTypes, model.trim().slice(0, 4)))
    return 'lenovo-type';
  const names = [model, systemFamily, withoutMaker(model, machine.manufacturer)];
  return names.some((name) => has(pack.models, name)) ? 'model' : null;
}

/** Whether a pack is for a Windows. Pure. @param windows `10.0.22631` and its architecture */
export function packFitsWindows(
  pack: DriverPack,
  windows: { readonly version: string; readonly architecture: MachineArchitecture },
): boolean {
  const { architectures } = pack;
  if (architectures.length > 0 && !architectures.includes(windows.architecture)) return false;
  if (pack.windows.length === 0) return true;
  const [major = 0, , build = 0] = windows.version.split('.').map(Number);
  if (major !== 10) return false;
  // Windows 11 is 10.0 from build 22000 on.
  return pack.windows.includes(build >= 22_000 ? 'windows-11' : 'windows-10');
}

/** The maker that a name of the firmware means: `Dell Inc.`, `Hewlett-Packard`, `LENOVO`. */
function vendorOf(manufacturer: string | null): DriverPack['vendor'] {
  const name = manufacturer?.trim().toLowerCase() ?? '';
  if (/^dell\b/.test(name)) return 'dell';
  if (/^(?:hp\b|hewlett)/.test(name)) return 'hp';
  if (/^lenovo\b/.test(name)) return 'lenovo';
  return /^microsoft\b/.test(name) ? 'microsoft' : null;
}

/** Without regard to case and to how many blanks there are. */
function has(wanted: readonly string[], value: string | null): boolean {
  const key = keyOf(value ?? '');
  return key !== '' && wanted.some((each) => keyOf(each) === key);
}

function keyOf(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').toLowerCase();
}

/** `HP EliteBook 840 G9` of HP: packs name it without the maker. */
function withoutMaker(model: string | null, manufacturer: string | null): string | null {
  const [first = ''] = (manufacturer ?? '').trim().split(/[\s.,]+/);
  const key = keyOf(model ?? '');
  const start = `${first.toLowerCase()} `;
  return first !== '' && key.startsWith(start) ? key.slice(start.length) : null;
}
