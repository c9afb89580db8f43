import type { Kysely } from 'kysely';
import { z } from 'zod';
import { ContentManifest } from '#agent/protocol/content.ts';
import type { ErrorProblem } from '#agent/protocol/error.ts';
import { type PackageId, SequenceId } from '#agent/protocol/identity.ts';
import { PackageProgram } from '#agent/sequence/package-program.ts';
import { InventoryError } from '../inventory/error.ts';
import { addDraft, makeSequenceReady, markReady, refusals } from './add-sequence.ts';
import {
  addApplications,
  assertVersion,
  BatchApplication,
  type KeptApplication,
  linkPrograms,
  reserveApplications,
} from './batch-software.ts';
import { commitUpload } from './commit-upload.ts';
import { type PackageSummary } from './packages.ts';
import { type SequenceState, toHead } from './sequence-rows.ts';
import { siteOf, versionProblems } from './sequence-standing.ts';
import type { Tables } from './tables.ts';

/** What is to be kept together: texts are read already (`sequence-reader`). */
export const Batch = z.object({
  packages: z.array(
    z.object({
      upload: z.string(),
      kind: ContentManifest.shape.kind,
      images: ContentManifest.shape.images,
      baseVersion: z.int(),
      programs: z.array(PackageProgram).optional(),
    }),
  ),
  applications: z.array(BatchApplication).default([]),
  sequences: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      disabled: z.boolean(),
      documentJson: z.string(),
      source: z.object({ text: z.string(), format: z.enum(['yaml', 'json']) }),
      as: z.enum(['draft', 'ready', 'ready-or-draft']),
      baseVersion: z.int().optional(),
      id: SequenceId.optional(),
    }),
  ),
});
export type Batch = z.infer<typeof Batch>;

/** What became of it, in its order. */
export interface BatchKept {
  readonly packages: readonly {
    readonly id: PackageId;
    readonly name: string;
    readonly kind: ContentManifest['kind'];
    readonly version: number;
  }[];
  readonly applications: readonly KeptApplication[];
  readonly sequences: readonly {
    readonly id: SequenceId;
    readonly name: string;
    readonly version: number;
    readonly state: SequenceState;
    readonly problems: readonly ErrorProblem[];
  }[];
}

/** Several things that are kept together or not at all. */
export const batches = {
  /**
   * Makes the uploads packages, and keeps applications and sequences. Those that others of the batch run are made ready
   * before them.
   *
   * @param json a `Batch`, in bytes
   * @throws what `commitUpload`, `addApplications` and `addSequence` throw
   */
  async add(db: Kysely<Tables>, json: Uint8Array, nowMs: number): Promise<BatchKept> {
    const batch = Batch.parse(JSON.parse(new TextDecoder().decode(json)));
    const { packages, applications, rows } = await addAll(db, batch, nowMs);
    refuseTwice(rows);
    await makeReady(
      db,
      rows.filter((_row, index) => batch.sequences[index]?.as !== 'draft'),
    );
    const left = batch.sequences.flatMap(({ as }, index) => (as === 'ready' ? [rows[index]] : []));
    for (const row of left)
      if (row !== undefined) await makeSequenceReady(db, await current(db, row.id), undefined);
    const sequences = [];
    const site = await siteOf(db);
    for (const { id } of rows) {
      const row = await current(db, id);
      const head = toHead(row);
      const problems = await versionProblems(db, row, row.version, site);
      sequences.push({
        id: head.id,
        name: head.name,
        version: head.version,
        state: head.state,
        problems,
      });
    }
    return { packages, applications, sequences };
  },
};

/** Those that are to have an id of their own come first: no other may be given it. */
async function addAll(db: Kysely<Tables>, batch: Batch, nowMs: number) {
  const packages: BatchKept['packages'][number][] = [];
  const rows: Tables['sequences'][] = [];
  const wishes = await db
    .selectFrom('uploads')
    .select(['id', 'package_id'])
    .where('package_id', 'is not', null)
    .where('version', 'is', null)
    .execute();
  const wished = new Set(wishes.map(({ id }) => id));
  const ofSoftware: PackageSummary[] = [];
  for (const withId of [true, false]) {
    const ofTurn = batch.applications.filter(({ id }) => (id !== undefined) === withId);
    await reserveApplications(db, ofTurn, nowMs);
    for (const [index, { upload, baseVersion, ...what }] of batch.packages.entries()) {
      if (wished.has(upload) !== withId) continue;
      const { made, isNew } = await commitUpload(db, upload, nowMs, what);
      assertVersion(isNew ? made : { ...made, version: Number.NaN }, baseVersion);
      const { id, name, kind, version } = made;
      packages[index] = { id, name, kind, version };
      if (what.programs !== undefined) ofSoftware.push(made);
    }
    for (const [index, each] of batch.sequences.entries())
      if ((each.id !== undefined) === withId) rows[index] = await addDraft(db, each, nowMs);
  }
  await linkPrograms(db, ofSoftware);
  const applications = await addApplications(db, batch.applications, nowMs);
  return { packages, applications, rows };
}

/** Makes all ready that can be, children before those that run them. */
async function makeReady(db: Kysely<Tables>, rows: readonly Tables['sequences'][]): Promise<void> {
  let waiting = rows;
  for (;;) {
    const left: Tables['sequences'][] = [];
    for (const row of waiting)
      if ((await refusals(db, row)).length > 0) left.push(row);
      else await markReady(db, row);
    if (left.length === 0 || left.length === waiting.length) return;
    waiting = left;
  }
}

async function current(db: Kysely<Tables>, id: string): Promise<Tables['sequences']> {
  return await db
    .selectFrom('sequences')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}

function refuseTwice(rows: readonly Tables['sequences'][]): void {
  const seen = new Set<string>();
  for (const { id, name } of rows) {
    if (seen.has(id))
      throw new InventoryError('sequence.exists', `"${name}" is twice in what was sent`);
    seen.add(id);
  }
}
