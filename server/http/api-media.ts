import { z } from 'zod';
import { MediaKind } from '#media/description.ts';
import { MediaFacts, MediaFailure, MediaForm, MediaState } from '../media/media-record.ts';

/** Media that were made or are being made. GET /media, GET /media/:id. */
export const MediaView = z.object({
  id: z.uuid(),
  kind: MediaKind,
  label: z.string(),
  form: MediaForm,
  state: MediaState,
  /** How far the making is, of 1; null where it is over or another server's. */
  progress: z.number().min(0).max(1).nullable(),
  /** Host name of the server that has the file. */
  server: z.string(),
  madeBy: z.string(),
  createdMs: z.int(),
  finishedMs: z.int().nullable(),
  sizeBytes: z.int(),
  validFromMs: z.int().nullable(),
  validUntilMs: z.int().nullable(),
  unknownComputers: z.boolean(),
  password: z.boolean(),
  facts: MediaFacts,
  error: MediaFailure.nullable(),
  blockedMs: z.int().nullable(),
  blockedReason: z.string(),
});
export type MediaView = z.infer<typeof MediaView>;

/** A file of media that are a folder. GET /media/:id/files. */
export const MediaFileView = z.object({
  path: z.string(),
  sizeBytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type MediaFileView = z.infer<typeof MediaFileView>;

/** GET /media/:id/file. */
export const MediaFileQuery = z.object({
  /** Of media that are a folder: which file. */
  path: z.string().max(500).optional(),
});

/** POST /media: answered at once, while they are being made. */
export const MediaCreate = z.strictObject({
  kind: MediaKind,
  label: z.string().trim().min(1).max(100),
  /**
   * An image is for discs and sticks, byte for byte; a folder for a stick with FAT32, and UEFI alone. Prestaged media
   * are a WIM.
   */
  form: MediaForm.extract(['iso', 'folder']).default('iso'),
  /** Without one whoever finds the media can read what is on them. */
  password: z.string().max(256).optional(),
  validFromMs: z.int().nonnegative().optional(),
  validUntilMs: z.int().nonnegative().optional(),
  unknownComputers: z.boolean().default(false),
  variables: z
    .array(
      z.strictObject({
        name: z.string().max(256),
        value: z.string().max(4000),
        secret: z.boolean().default(false),
      }),
    )
    .max(1000)
    .default([]),
  prestart: z.string().trim().min(1).max(8000).optional(),
  /** Stand-alone: id or name of the task sequence that they run; prestaged: the one whose content is staged. */
  sequence: z.string().max(256).optional(),
  /** Stand-alone: it begins without a person; the password is asked for all the same. */
  unattended: z.boolean().default(false),
  /** Of this server, as the machines reach it. */
  serverAddress: z.ipv4().optional(),
});
export type MediaCreate = z.infer<typeof MediaCreate>;

/** PUT /media/:id/block: machines that are started from them begin no run any more, or may again. */
export const MediaBlock = z.strictObject({
  blocked: z.boolean(),
  reason: z.string().trim().max(500).default(''),
});
