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
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('hex');
  const pair = (index: number) => hex.slice(2 * index, 2 * index + 2);
  const first = `${pair(3)}${pair(2)}${pair(1)}${pair(0)}-${pair(5)}${pair(4)}-${pair(7)}${pair(6)}`;
  const guid = `${first}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return isSmbiosGuid(guid) ? guid : undefined;
}

/** Six bytes as text. */
export function macAddressFromBytes(bytes: Uint8Array): MacAddress | undefined {
  if (bytes.length !== 6) return undefined;
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 6).toString('hex');
  const pair = (index: number) => hex.slice(2 * index, 2 * index + 2);
  const mac = `${pair(0)}:${pair(1)}:${pair(2)}:${pair(3)}:${pair(4)}:${pair(5)}`;
  return isMacAddress(mac) ? mac : undefined;
}

/** Of each packet of a network boot there is one of each: to ask the schemas takes a third of an answer's time. */
function isSmbiosGuid(text: string): text is SmbiosGuid {
  return text.length === 36;
}
function isMacAddress(text: string): text is MacAddress {
  return text.length === 17;
}

/** All-zero and all-FF mean "not set" (SMBIOS 7.2.1); such a GUID identifies no machine. */
export function isPlaceholderGuid(guid: SmbiosGuid): boolean {
  return /^([0-]+|[f-]+)$/.test(guid);
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
