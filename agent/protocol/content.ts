import { z } from 'zod';
import { MachineArchitecture, PackageId, Sha256 } from './identity.ts';

/** Bytes in each chunk of an object but the last. 4 MiB: what is fetched, verified, and fetched again. */
export const CHUNK_BYTES = 4 * 1024 * 1024;

/** One object of a package: a file, with the SHA-256 of every chunk in order. */
export const ContentObject = z.strictObject({
  /** Path inside the package with `/`, never `..` or absolute. */
  path: z
    .string()
    .min(1)
    .max(1024)
    .refine((path) => !/^\/|(^|\/)\.\.?(\/|$)|\0|\\/.test(path), 'path leaves the package'),
  sizeBytes: z.int().nonnegative(),
  sha256: Sha256,
  chunks: z.array(Sha256),
});
export type ContentObject = z.infer<typeof ContentObject>;

/** What one image of a WIM says of itself (media/wim), copied so that checks need no download. */
export const ImageFacts = z.strictObject({
  index: z.int().positive(),
  name: z.string(),
  architecture: MachineArchitecture.nullable(),
  /** Bytes of the files of this image when applied. */
  totalBytes: z.int().nonnegative(),
  kind: z.enum(['windows', 'linux', 'data']),
  /** Of an image of Windows; absent where the server that took it in did not look yet. */
  windows: z
    .object({
      edition: z.string(),
      installationType: z.string(),
      productType: z.string(),
      version: z.string(),
      languages: z.array(z.string()),
      /** Years of Microsoft's authorities that signed its boot managers, `2011`, `2023`. */
      signers: z.array(z.string()).optional(),
      /** Optional components of a Windows PE, `WinPE-PowerShell`. */
      components: z.array(z.string()).optional(),
    })
    .nullable()
    .optional(),
});
export type ImageFacts = z.infer<typeof ImageFacts>;

/** One version of a package. Pinned into the run: *newest* means newest when the run was granted. */
export const ContentManifest = z.strictObject({
  packageId: PackageId,
  version: z.int().positive(),
  name: z.string(),
  kind: z.enum(['os-image', 'package', 'driver-package', 'boot-image', 'application']),
  objects: z.array(ContentObject),
  /** The objects are sealed (sealed-object.ts): sizes and hashes are of the sealed files. */
  sealed: z.literal(1).optional(),
  images: z.array(ImageFacts).default([]),
  /** Of a package: how its installers are called, each a `PackageProgram` (sequence/package-program.ts). */
  programs: z.array(z.unknown()).max(1000).optional(),
  /** Of an application, which has no files of its own: an `Application` (sequence/application.ts). */
  application: z.unknown().optional(),
});
export type ContentManifest = z.infer<typeof ContentManifest>;

/** Path of an object on any distribution point, below its base URL. */
export function objectPath(sha256: Sha256): string {
  return `/content/${sha256.slice(0, 2)}/${sha256}`;
}
