import { z } from 'zod';
import { ContentManifest } from '#agent/protocol/content.ts';
import { ErrorProblem } from '#agent/protocol/error.ts';
import { PackageId, SequenceId } from '#agent/protocol/identity.ts';
import { Application } from '#agent/sequence/application.ts';
import { PackageProgram } from '#agent/sequence/package-program.ts';

/** The text of a document; it may have 2 MiB (as Configuration Manager's limit). */
const SequenceText = z.string().max(2 * 1024 * 1024);
const SequenceState = z.enum(['draft', 'ready']);

/** A task sequence; its name, description and `disabled` are of the version that machines get. */
export const SequenceView = z.object({
  id: SequenceId,
  name: z.string(),
  description: z.string(),
  /** The newest version, and its state. */
  version: z.int(),
  state: SequenceState,
  /** The newest version that is ready, which machines get; null when there are only drafts. */
  readyVersion: z.int().nullable(),
  /** Offered to no machine, and refused as a child. */
  disabled: z.boolean(),
  /** What would keep the newest version from being deployed. */
  problems: z.array(ErrorProblem),
  /** What of the newest version may not do what it is meant to, and keeps it from nothing. */
  warnings: z.array(ErrorProblem).default([]),
  /** What keeps it from being deployed now: those of the version that is ready. */
  deployProblems: z.array(ErrorProblem),
  createdMs: z.int(),
});
export type SequenceView = z.infer<typeof SequenceView>;

/**
 * POST /sequences: the document as text (YAML or JSON); a name that exists gets a new version. It is ready,
 * or refused when a reference of it leads nowhere (`sequence.reference`); a draft is kept as it is. With
 * `baseVersion` it is refused when the newest is another (`sequence.version-conflict`); 0: it is to be new.
 */
export const SequenceAdd = z.strictObject({
  text: SequenceText,
  format: z.enum(['yaml', 'json']),
  draft: z.boolean().default(false),
  baseVersion: z.int().nonnegative().optional(),
});

/** POST /sequences/check: a document as text, held against what the server has. Nothing is kept. */
export const SequenceCheck = z.strictObject({ text: SequenceText });
/** What would keep it from being deployed, and what would not. */
export const SequenceCheckAnswer = z.object({
  name: z.string(),
  problems: z.array(ErrorProblem),
  warnings: z.array(ErrorProblem),
});

/**
 * POST /sequences/batch: sequences and uploads that are kept together or not at all. The body is this as
 * JSON, sent as bytes (`application/octet-stream`): only a worker reads it.
 */
export const SequenceBatch = z.strictObject({
  /** Uploads whose files have all come in; each becomes one version of a package or image. */
  packages: z
    .array(
      z.strictObject({
        upload: z.uuid(),
        kind: ContentManifest.shape.kind,
        images: ContentManifest.shape.images,
        /** The newest version that the sender knew; 0: it is to be new. */
        baseVersion: z.int().nonnegative(),
        /** Of a package: its programs, in the place of those it had. A reference by name may lead into the batch. */
        programs: z.array(PackageProgram).max(1000).optional(),
      }),
    )
    .max(10_000),
  /** In any order: they may lead to each other, and to packages of the batch by their names. */
  applications: z
    .array(
      z.strictObject({
        application: Application,
        /** The newest revision that the sender knew; 0: it is to be new. */
        baseVersion: z.int().nonnegative(),
        /** The id that it is to have when it is new. */
        id: PackageId.optional(),
      }),
    )
    .max(5000)
    .default([]),
  /** In any order; those of the batch that others of it run are made ready first. */
  sequences: z
    .array(
      z.strictObject({
        text: SequenceText,
        format: z.enum(['yaml', 'json']),
        /** `draft`: kept as one. `ready`: or refused, and all with it. `ready-or-draft`: whichever it can be. */
        as: z.enum(['draft', 'ready', 'ready-or-draft']),
        baseVersion: z.int().nonnegative().optional(),
        /** The id that it is to have when it is new. */
        id: SequenceId.optional(),
      }),
    )
    .max(2000),
});
export type SequenceBatch = z.input<typeof SequenceBatch>;

/** Answer to a batch, in its order. */
export const SequenceBatchAnswer = z.object({
  packages: z.array(
    z.object({
      id: PackageId,
      name: z.string(),
      kind: ContentManifest.shape.kind,
      version: z.int(),
    }),
  ),
  applications: z
    .array(z.object({ id: PackageId, name: z.string(), revision: z.int() }))
    .default([]),
  sequences: z.array(
    z.object({
      id: SequenceId,
      name: z.string(),
      version: z.int(),
      state: SequenceState,
      problems: z.array(ErrorProblem),
    }),
  ),
});
export type SequenceBatchAnswer = z.infer<typeof SequenceBatchAnswer>;

/** POST /sequences/:id/ready: makes the newest version ready, checked as if it were stored so. */
export const SequenceReady = z.strictObject({ baseVersion: z.int().nonnegative().optional() });

/** GET /sequences/:id/versions: the newest first. */
export const SequenceVersionView = z.object({
  version: z.int(),
  state: SequenceState,
  createdMs: z.int(),
});

/** GET /sequences/:id, its newest version, and /sequences/:id/versions/:n. */
export const SequenceDetail = z.object({
  id: SequenceId,
  name: z.string(),
  version: z.int(),
  state: SequenceState,
  newestVersion: z.int(),
  readyVersion: z.int().nullable(),
  createdMs: z.int(),
  problems: z.array(ErrorProblem),
  warnings: z.array(ErrorProblem).default([]),
  /** The text as it was written. */
  format: z.enum(['yaml', 'json']),
  text: z.string(),
  document: z.unknown(),
});
export type SequenceDetail = z.infer<typeof SequenceDetail>;
