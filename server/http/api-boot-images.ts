import { z } from 'zod';
import { PackageId } from '#agent/protocol/identity.ts';
import { BootImageFacts } from '#boot/boot-image-facts.ts';

/** Machines that are set to start a boot image where their task sequence names none. */
const BootImageUse = z.object({
  scope: z.enum(['unknown', 'all', 'model', 'device']),
  /** Name of the device, or make and model as they were written; empty for the others. */
  label: z.string(),
});

/** A boot image of Windows PE. GET /boot-images. */
export const BootImageView = z.object({
  id: PackageId,
  name: z.string(),
  version: z.int(),
  facts: BootImageFacts,
  /** Whether this server has a newer agent than it, or another: `boot-image rebuild` puts it in. */
  outdated: z.boolean(),
  /** Of all files of its package. */
  sizeBytes: z.int(),
  /** By `netboot set --boot-image` and `netboot chain set --boot-image`. */
  setFor: z.array(BootImageUse),
});
export type BootImageUse = z.infer<typeof BootImageUse>;
export type BootImageView = z.infer<typeof BootImageView>;

/** POST /boot-images?name=N[&id=ID][&index=I][&drivers=ID,ID][&serverAddress=A]: the body is the WIM. */
export const BootImageAddQuery = z.strictObject({
  name: z.string().trim().min(1).max(128),
  id: PackageId.optional(),
  index: z.coerce.number().int().min(1).max(65_535).optional(),
  drivers: z
    .string()
    .transform((text) => text.split(',').filter(Boolean))
    .pipe(z.array(PackageId).max(100))
    .optional(),
  serverAddress: z.ipv4().optional(),
});
/** POST /boot-images/:id/rebuild. */
export const BootImageRebuild = z.strictObject({ serverAddress: z.ipv4().optional() });
