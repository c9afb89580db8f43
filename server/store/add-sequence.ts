import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { ErrorProblem } from '#agent/protocol/error.ts';
import type { SequenceId } from '#agent/protocol/identity.ts';
import { InventoryError } from '../inventory/error.ts';
import { refusalsOf } from '../inventory/sequence-problems.ts';
import { hasObject, nextObjectId } from './object-ids.ts';
import { nameKey, type SequenceHead, toHead } from './sequence-rows.ts';
import { siteOf, versionProblems } from './sequence-standing.ts';
import type { Tables } from './tables.ts';

/** The text an operator wrote, kept as it came. */
interface SequenceSource {
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
  /** The id that it is to have when it is new. */
  readonly id?: SequenceId | undefined;
}

/**
 * Makes a sequence, or a new version of the one with that name. A draft changes nothing for machines: they
 * get the newest version that is ready.
 *
 * @throws {InventoryError} `sequence.version-conflict`, `sequence.exists`, and what `makeSequenceReady` throws
 */
export async function addSequence(
  db: Kysely<Tables>,
  wish: NewSequence,
  nowMs: number,
): Promise<SequenceHead> {
  const row = await addDraft(db, wish, nowMs);
  // A refusal undoes what was written above: the whole call is one savepoint.
  return wish.draft === true ? toHead(row) : await makeSequenceReady(db, row, undefined);
}

/** Keeps a draft: the newest version from now on. @throws what `addSequence` throws of it */
export async function addDraft(
  db: Kysely<Tables>,
  wish: NewSequence,
  nowMs: number,
): Promise<Tables['sequences']> {
  const name_key = nameKey(wish.name);
  const before = await db
    .selectFrom('sequences')
    .selectAll()
    .where('name_key', '=', name_key)
    .executeTakeFirst();
  refuseConflict(wish.name, before?.version ?? 0, wish.baseVersion);
  const { name, description, documentJson, disabled = false, source } = wish;
  const version = (before?.version ?? 0) + 1;
  const told = { name, description, disabled: disabled ? 1 : 0 };
  const fresh = { name_key, ready_version: 0, created_ms: nowMs };
  const row: Tables['sequences'] = {
    ...(before ?? { id: await idFor(db, wish.id), ...fresh, ...told }),
    // What runs is told of: a draft beside a version that is ready is not.
    ...((before?.ready_version ?? 0) > 0 ? {} : told),
    version,
  };
  const { id, ...columns } = row;
  await db
    .insertInto('sequences')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
    .execute();
  await db
    .insertInto('sequence_versions')
    .values({
      sequence_id: id,
      version,
      draft: 1,
      document_json: documentJson,
      document_sha256: createHash('sha256').update(documentJson).digest('hex'),
      source_text: source.text,
      source_format: source.format,
      created_ms: nowMs,
    })
    .execute();
  return row;
}

async function idFor(db: Kysely<Tables>, wished: SequenceId | undefined): Promise<string> {
  if (wished === undefined) return await nextObjectId(db);
  if (!(await hasObject(db, wished))) return wished;
  throw new InventoryError('sequence.exists', `${wished} is the id of something else already`);
}

const Told = z.object({
  name: z.string(),
  description: z.string().default(''),
  disabled: z.boolean().default(false),
});

/**
 * Makes the newest version ready; one that is ready already stays as it is. Refuses one that has references
 * that lead nowhere (M15), or runs itself (M10).
 *
 * @throws {InventoryError} `sequence.version-conflict`; `sequence.reference`, `sequence.child-cycle`,
 *   `sequence.expanded-too-large`, with all that is wrong
 */
export async function makeSequenceReady(
  db: Kysely<Tables>,
  row: Tables['sequences'],
  baseVersion: number | undefined,
): Promise<SequenceHead> {
  refuseConflict(row.name, row.version, baseVersion);
  if (row.ready_version === row.version) return toHead(row);
  const problems = await refusals(db, row);
  const [first] = problems;
  if (first === undefined) return await markReady(db, row);
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new InventoryError(
    codeOf(problems),
    `"${row.name}" cannot be ready: ${first.message}${more}`,
    { ...(first.hint === undefined ? {} : { hint: first.hint }), problems },
  );
}

/** Why the newest version cannot be ready; none when it can. */
export async function refusals(
  db: Kysely<Tables>,
  row: Tables['sequences'],
): Promise<readonly ErrorProblem[]> {
  return refusalsOf(await versionProblems(db, row, row.version, await siteOf(db)));
}

/** Has machines get the newest version, which was checked. */
export async function markReady(
  db: Kysely<Tables>,
  before: Tables['sequences'],
): Promise<SequenceHead> {
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

function codeOf(problems: readonly ErrorProblem[]): string {
  for (const endless of ['sequence.child-cycle', 'sequence.expanded-too-large'])
    if (problems.some(({ code }) => code === endless)) return endless;
  return 'sequence.reference';
}
