import { z } from 'zod';

/** Six bytes as lower-case hex pairs with colons, `00:11:22:aa:bb:cc`; other spellings are normalised. */
export const MacAddress = z
  .string()
  .transform((text) => text.toLowerCase().replaceAll(/[-.: ]/g, ''))
  .pipe(z.string().regex(/^[0-9a-f]{12}$/, 'a MAC address has six bytes'))
  .transform((hex) => hex.replaceAll(/(..)(?!$)/g, '$1:'))
  .pipe(z.string().brand<'MacAddress'>());
export type MacAddress = z.infer<typeof MacAddress>;

/**
 * SMBIOS system UUID (type 1, +0x08) as text, lower case. The first three fields are little-endian
 * in SMBIOS and in DHCP option 97; here they are already in reading order.
 */
export const SmbiosGuid = z
  .string()
  .transform((text) => text.toLowerCase())
  .pipe(z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'not a UUID'))
  .pipe(z.string().brand<'SmbiosGuid'>());
export type SmbiosGuid = z.infer<typeof SmbiosGuid>;

/** Reads option 97 or SMBIOS bytes (16, first three fields little-endian) as text. */
export function smbiosGuidFromBytes(bytes: Uint8Array): SmbiosGuid | undefined {
  if (bytes.length !== 16) return undefined;
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  const hex = order.map((index) => (bytes[index] ?? 0).toString(16).padStart(2, '0')).join('');
  return SmbiosGuid.parse(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
}

/** All-zero and all-FF mean "not set" (SMBIOS 7.2.1); such a GUID identifies no machine. */
export function isPlaceholderGuid(guid: SmbiosGuid): boolean {
  const digits = new Set(guid.replaceAll('-', ''));
  return digits.size === 1 && (digits.has('0') || digits.has('f'));
}

/** SHA-256 of an object, 64 lower-case hex digits. */
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'Sha256'>();
export type Sha256 = z.infer<typeof Sha256>;

export const RunId = z.uuid().brand<'RunId'>();
export type RunId = z.infer<typeof RunId>;
export const DeviceId = z.uuid().brand<'DeviceId'>();
export type DeviceId = z.infer<typeof DeviceId>;
export const DeploymentId = z
  .string()
  .regex(/^[A-Z0-9]{3,16}$/)
  .brand<'DeploymentId'>();
export type DeploymentId = z.infer<typeof DeploymentId>;
export const CollectionId = z
  .string()
  .regex(/^[A-Z0-9]{3,16}$/)
  .brand<'CollectionId'>();
export type CollectionId = z.infer<typeof CollectionId>;
export const SequenceId = z
  .string()
  .regex(/^[A-Z0-9]{3,16}$/)
  .brand<'SequenceId'>();
export type SequenceId = z.infer<typeof SequenceId>;
/** A package, OS image or boot image. */
export const PackageId = z
  .string()
  .regex(/^[A-Z0-9]{3,16}$/)
  .brand<'PackageId'>();
export type PackageId = z.infer<typeof PackageId>;

export const MachineArchitecture = z.enum(['x64', 'arm64', 'x86']);
export type MachineArchitecture = z.infer<typeof MachineArchitecture>;
export const FirmwareKind = z.enum(['uefi', 'bios']);
export type FirmwareKind = z.infer<typeof FirmwareKind>;

/** A PCI device that no driver of the boot environment claims. Four hex digits each, class six. */
export const UnclaimedDevice = z.object({
  vendor: z.string().regex(/^[0-9a-f]{4}$/),
  device: z.string().regex(/^[0-9a-f]{4}$/),
  pciClass: z.string().regex(/^[0-9a-f]{6}$/),
  /** Device and vendor of the board, as `SUBSYS_` of Windows has them; absent from older agents. */
  subsystem: z
    .string()
    .regex(/^[0-9a-f]{8}$/)
    .optional(),
  revision: z
    .string()
    .regex(/^[0-9a-f]{2}$/)
    .optional(),
});
export type UnclaimedDevice = z.infer<typeof UnclaimedDevice>;

/**
 * What a machine says of itself. Nothing in it is proof; see `proof.ts` for who speaks. Unknown fields are
 * passed over, as in all of a `Registration`.
 */
export const MachineIdentity = z.object({
  smbiosGuid: SmbiosGuid.nullable(),
  macAddresses: z.array(MacAddress).max(64),
  serialNumber: z.string().max(256).nullable(),
  assetTag: z.string().max(256).nullable(),
  manufacturer: z.string().max(256).nullable(),
  model: z.string().max(256).nullable(),
  architecture: MachineArchitecture,
  firmware: FirmwareKind,
  secureBoot: z.boolean(),
  memoryBytes: z.int().nonnegative(),
  unclaimedDevices: z.array(UnclaimedDevice).max(256).default([]),
});
export type MachineIdentity = z.infer<typeof MachineIdentity>;
