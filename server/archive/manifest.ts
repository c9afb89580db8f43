import { z } from 'zod';
import { ContentManifest } from '#agent/protocol/content.ts';
import { PackageId, SequenceId, Sha256 } from '#agent/protocol/identity.ts';

/** Name of the entry that says what an archive has in it; the first one. */
export const MANIFEST_NAME = 'manifest.json';
/** What `manifest.json` is known by. */
export const ARCHIVE_FORMAT = 'metalwright-archive';
/**
 * Counts up when an older version could not read what a newer one writes: the second has applications, and is
 * written where there are some.
 */
export const ARCHIVE_VERSION = 2;

/** Bytes that are read of the manifest, of a text, and of what an archive says of one package. */
export const MAX_MANIFEST_BYTES = 32 * 1024 * 1024;
export const MAX_TEXT_BYTES = 8 * 1024 * 1024;
export const MAX_PACKAGE_BYTES = 64 * 1024 * 1024;

/** What of the referenced objects is in it: nothing, what they are, or their content too. */
export const ArchiveScope = z.enum(['nothing', 'objects', 'content']);
export type ArchiveScope = z.infer<typeof ArchiveScope>;

const File = z.object({
  file: z.string().min(1).max(512),
  sizeBytes: z.int().nonnegative(),
  sha256: Sha256,
});

/** A task sequence in an archive; its text is as it was written, but for the secrets. */
const ArchivedSequence = File.extend({
  id: SequenceId,
  name: z.string().min(1).max(256),
  version: z.int().positive(),
  state: z.enum(['draft', 'ready']),
  format: z.enum(['yaml', 'json']),
  /** It was asked for; the others are run by those. */
  asked: z.boolean(),
});
export type ArchivedSequence = z.infer<typeof ArchivedSequence>;

/** An image, package or application that a sequence in the archive references, or one of those leads to. */
const ArchivedObject = z.object({
  id: PackageId,
  kind: ContentManifest.shape.kind,
  name: z.string().min(1).max(256),
  version: z.int().positive(),
  /** Where its manifest is: not in an archive with nothing but sequences. */
  manifest: File.optional(),
  /** A secret package: its key does not travel, so its files do not either. */
  secret: z.literal(true).optional(),
});
export type ArchivedObject = z.infer<typeof ArchivedObject>;

/** Place in a task sequence of the archive. */
const Place = z.object({ sequence: SequenceId, path: z.string().max(4096) });

/** `manifest.json`. */
export const ArchiveManifest = z.object({
  format: z.literal(ARCHIVE_FORMAT),
  formatVersion: z.int().min(1).max(ARCHIVE_VERSION),
  with: ArchiveScope,
  sequences: z.array(ArchivedSequence).min(1).max(2000),
  objects: z.array(ArchivedObject).max(20_000),
  /** References that led nowhere when it was made. */
  missing: z.array(Place.extend({ wanted: z.string().max(512) })),
  /** Secrets that were taken out. */
  secrets: z.array(Place),
});
export type ArchiveManifest = z.infer<typeof ArchiveManifest>;

/** Where an object's bytes are. */
export function objectName(sha256: Sha256): string {
  return `objects/${sha256}`;
}
