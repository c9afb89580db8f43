import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { ErrorProblem } from '#agent/protocol/error.ts';
import type { SequenceId } from '#agent/protocol/identity.ts';
import { InventoryError } from '../inventory/error.ts';
import { refusalsOf } from '../inventory/sequence-problems.ts';
import { nextObjectId } from './object-ids.ts';
import { nameKey, type SequenceHead, toHead } from './sequence-rows.ts';
import { siteOf, versionProblems } from './sequence-standing.ts';
import type { Tables } from './tables.ts';

/** The text an operator wrote, kept as it came. */
export interface SequenceSource {
  readonly text: string;
  readonly format: 'yaml' | 'json';
}

/** A version that is to be kept. */
export interface NewSequence {
  readonly name: string;
  readonly description: string;
  readonly disabled?: boolean;
  /** The document as JSON text, already parsed once by `parseTaskSequence`. */
  readonly documentJson: string;
  readonly source: SequenceSource;
  /** Kept as a draft, whatever is wrong with it; else it is ready, or refused. */
  readonly draft?: boolean;
  /** The newest version that its writer knew; 0 for a name that nothing has. */
  readonly baseVersion?: number | undefined;
  /** For one that is new and is to have this id. */
  readonly id?: SequenceId | undefined;
}

/**
 * Makes a sequence, or a new version of the one with that name. A draft changes nothing for machines: they
 * get the newest version that is ready.
 *
 * @throws {InventoryError} `sequence.version-conflict`, and what `refuseBroken` throws
 */
export async function addSequence(
  db: Kysely<Tables>,
  wish: NewSequence,
  nowMs: number,
): Promise<SequenceHead> {
  const name_key = nameKey(wish.name);
  const before = await db
    .selectFrom('sequences')
    .selectAll()
    .where('name_key', '=', name_key)
    .executeTakeFirst();
  refuseConflict(wish.name, before?.version ?? 0, wish.baseVersion);
  const { name, description, documentJson, disabled = false, draft = false, source } = wish;
  const version = (before?.version ?? 0) + 1;
  const ready_version = draft ? (before?.ready_version ?? 0) : version;
  const told = { name, description, disabled: disabled ? 1 : 0 };
  const row: Tables['sequences'] = {
    ...(before ?? {
      id: wish.id ?? (await nextObjectId(db)),
      name_key,
      created_ms: nowMs,
      ...told,
    }),
    // What runs is told of: a draft beside a version that is ready is not.
    ...(draft && ready_version > 0 ? {} : told),
    version,
    ready_version,
  };
  const { id: _id, ...columns } = row;
  await db
    .insertInto('sequences')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
    .execute();
  await db
    .insertInto('sequence_versions')
    .values({
      sequence_id: row.id,
      version,
      draft: draft ? 1 : 0,
      document_json: documentJson,
      document_sha256: createHash('sha256').update(documentJson).digest('hex'),
      source_text: source.text,
      source_format: source.format,
      created_ms: nowMs,
    })
    .execute();
  // A refusal undoes what was written above: the whole call is one savepoint.
  if (!draft) await refuseBroken(db, row);
  return toHead(row);
}

const Told = z.object({
  name: z.string(),
  description: z.string().default(''),
  disabled: z.boolean().default(false),
});

/**
 * Makes the newest version ready; one that is ready already stays as it is.
 *
 * @throws {InventoryError} `sequence.version-conflict`, and what `refuseBroken` throws
 */
export async function makeSequenceReady(
  db: Kysely<Tables>,
  before: Tables['sequences'],
  baseVersion: number | undefined,
): Promise<SequenceHead> {
  refuseConflict(before.name, before.version, baseVersion);
  if (before.ready_version === before.version) return toHead(before);
  const newest = db
    .selectFrom('sequence_versions')
    .select('document_json')
    .where('sequence_id', '=', before.id)
    .where('version', '=', before.version);
  const { document_json } = await newest.executeTakeFirstOrThrow();
  const { name, description, disabled } = Told.parse(JSON.parse(document_json));
  const told = { name, description, disabled: disabled ? 1 : 0 };
  const row = { ...before, ...told, ready_version: before.version };
  const { id, ...columns } = row;
  await db.updateTable('sequences').set(columns).where('id', '=', id).execute();
  await db
    .updateTable('sequence_versions')
    .set({ draft: 0 })
    .where('sequence_id', '=', id)
    .where('version', '=', before.version)
    .execute();
  await refuseBroken(db, row);
  return toHead(row);
}

function refuseConflict(name: string, version: number, baseVersion: number | undefined): void {
  if (baseVersion === undefined || baseVersion === version) return;
  const there = version === 0 ? 'is not there' : `has version ${version}`;
  const known = baseVersion === 0 ? 'was to be new' : `was changed from version ${baseVersion}`;
  throw new InventoryError(
    'sequence.version-conflict',
    `The task sequence "${name}" ${there}, and what was sent ${known}`,
    { hint: 'Somebody else has changed it: look at the newest version, and put both together.' },
  );
}

/**
 * Refuses a version that is to be ready and has references that lead nowhere (M15), or runs itself (M10).
 *
 * @throws {InventoryError} `sequence.reference`, `sequence.child-cycle`, `sequence.expanded-too-large`,
 *   with all that is wrong
 */
async function refuseBroken(db: Kysely<Tables>, row: Tables['sequences']): Promise<void> {
  const all = await versionProblems(db, row, row.version, await siteOf(db));
  const problems = refusalsOf(all);
  const [first] = problems;
  if (first === undefined) return;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new InventoryError(
    codeOf(problems),
    `"${row.name}" cannot be ready: ${first.message}${more}`,
    { ...(first.hint === undefined ? {} : { hint: first.hint }), problems },
  );
}

function codeOf(problems: readonly ErrorProblem[]): string {
  for (const endless of ['sequence.child-cycle', 'sequence.expanded-too-large'])
    if (problems.some(({ code }) => code === endless)) return endless;
  return 'sequence.reference';
}
