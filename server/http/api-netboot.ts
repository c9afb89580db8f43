import { z } from 'zod';
import { DeviceId, PackageId, Sha256 } from '#agent/protocol/identity.ts';
import { BootSigner } from '#boot/boot-image-facts.ts';
import { ChainSettings } from '../inventory/chain-settings.ts';

/** Whom settings of the network boot are for: one device, a model by make and model, or all machines. */
const ChainTarget = z.discriminatedUnion('scope', [
  z.strictObject({ scope: z.literal('device'), device: DeviceId }),
  z.strictObject({ scope: z.literal('model'), model: z.string().trim().min(1).max(256) }),
  z.strictObject({ scope: z.literal('all') }),
]);

/** PUT /netboot/chains: the settings of one target, in the place of those it had. A boot image by id or name. */
export const BootChainPut = z.strictObject({
  target: ChainTarget,
  settings: ChainSettings.omit({ bootImage: true }).extend({
    bootImage: z.string().min(1).max(128).nullable().optional(),
  }),
});
export type BootChainPut = z.infer<typeof BootChainPut>;

/** GET /netboot/chains: what is set, that of all machines first. */
export const BootChainView = z.object({
  target: ChainTarget,
  /** Name of the device, or make and model as they were written. */
  label: z.string(),
  settings: ChainSettings,
});
export type BootChainView = z.infer<typeof BootChainView>;

/** GET /netboot/signers: what boot managers have shown of machines' Secure Boot. */
export const SignerView = z.object({
  /** GUID or MAC address. */
  machine: z.string(),
  mac: z.string().nullable(),
  device: DeviceId.nullable(),
  deviceName: z.string().nullable(),
  signer: BootSigner,
  failures: z.int(),
  loaded: z.boolean(),
  changedMs: z.int(),
});
export type SignerView = z.infer<typeof SignerView>;

/** PUT /netboot/wimboot: the package with `ipxe.efi` and `wimboot`, and hashes that the operator vouches for. */
export const WimbootPut = z.strictObject({
  package: PackageId,
  sha256: z.array(Sha256).max(16).default([]),
});
/** What iPXE and wimboot are; null while there are none. */
export const WimbootView = z
  .object({ package: PackageId, version: z.int(), ipxe: z.string(), wimboot: z.string() })
  .nullable();
export type WimbootView = z.infer<typeof WimbootView>;
