import { z } from 'zod';

/** Names of files in a backup and, when it is restored, in the data directory: no folders, nothing hidden. */
const FileName = z.string().regex(/^[a-z][a-z0-9.-]{0,60}$/);

/** What a backup says of itself: `manifest.json`, its last entry, since it has the hashes of the others. */
export const BackupManifest = z.strictObject({
  format: z.literal(1),
  madeMs: z.int().nonnegative(),
  /** Of the Metalwright that made it. */
  version: z.string(),
  schemaVersion: z.int().positive(),
  files: z
    .array(
      z.strictObject({
        name: FileName,
        sizeBytes: z.int().nonnegative(),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(100),
  /** Objects that the database refers to and that lie in `content/`, which is not in the backup. */
  content: z.strictObject({ objects: z.int().nonnegative(), bytes: z.int().nonnegative() }),
});
export type BackupManifest = z.infer<typeof BackupManifest>;

export const MANIFEST_NAME = 'manifest.json';
/** The database in the data directory and in a backup. */
export const DATABASE_NAME = 'metalwright.sqlite';
/** A PostgreSQL database in a backup, in pg_dump's custom format. */
export const DUMP_NAME = 'metalwright.pgdump';
/** Keys of the site; one that is not there is not backed up. */
export const keyFiles = [
  'site-secret',
  'site-ca.key',
  'site-ca.pem',
  'server.key',
  'boot-signing.key',
  'admin-token',
] as const;
