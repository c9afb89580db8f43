import { z } from 'zod';
import { PackageId, Sha256 } from '#agent/protocol/identity.ts';

/** A package of files. GET /packages. */
export const FilePackageView = z.object({
  id: PackageId,
  name: z.string(),
  kind: z.enum(['package', 'driver-package']).default('package'),
  version: z.int(),
  fileCount: z.int(),
  sizeBytes: z.int(),
  createdMs: z.int(),
  /** Its files are sealed, here and on every distribution point; absent from servers of before this field. */
  secret: z.boolean().default(false),
});
export type FilePackageView = z.infer<typeof FilePackageView>;

/** POST /packages/uploads: a name that exists gets a new version when the upload is committed. */
export const UploadBegin = z.strictObject({
  name: z.string().trim().min(1).max(128),
  id: PackageId.optional(),
});
export const UploadView = z.object({ id: z.uuid() });

/** Files in one request. */
export const UPLOAD_BATCH = 500;

/** POST /packages/uploads/:id/files: files of the package, before they are sent. */
export const UploadFiles = z.strictObject({
  files: z
    .array(
      z.strictObject({
        path: z.string().min(1).max(1024),
        sizeBytes: z.int().nonnegative(),
        sha256: Sha256,
      }),
    )
    .min(1)
    .max(UPLOAD_BATCH),
});
export type UploadFiles = z.infer<typeof UploadFiles>;

/** Which of their objects are to be sent: PUT /packages/uploads/:id/objects/:sha256, the body is the file. */
export const UploadMissing = z.object({ missing: z.array(Sha256) });

/** POST /packages/uploads/:id/commit. A driver package has an index of its drivers among its files. */
export const UploadCommit = z.strictObject({
  kind: z.enum(['package', 'driver-package']).default('package'),
  /** The files are sealed with this key (agent/protocol/sealed-object.ts): 32 bytes, base64. Told to nobody but machines. */
  contentKey: z.base64().length(44).optional(),
});
