import type { Kysely } from 'kysely';
import type { ErrorProblem } from '#agent/protocol/error.ts';
import type { SequenceId } from '#agent/protocol/identity.ts';
import type { SequenceReference } from '#agent/sequence/child-sequence.ts';
import type { BootImageFindings } from '../inventory/boot-image-problems.ts';
import type { StoredChild } from '../inventory/read-children.ts';
import { addSequence, makeSequenceReady, type NewSequence } from './add-sequence.ts';
import { storedChild } from './child-finder.ts';
import { StoreError } from './error.ts';
import { refuseInUse } from './sequence-in-use.ts';
import {
  findRow,
  type SequenceHead,
  type SequenceVersion,
  sequencesWith,
  toHead,
} from './sequence-rows.ts';
import { deployProblems, documentFindings, siteOf, versionFindings } from './sequence-standing.ts';
import type { Tables } from './tables.ts';

/** A task sequence with what is wrong with it. */
export interface SequenceStanding extends SequenceHead {
  /** What keeps its newest version from being deployed. */
  readonly problems: readonly ErrorProblem[];
  /** What of it may not do on every machine what it is meant to; it can be deployed all the same. */
  readonly warnings: readonly ErrorProblem[];
  /** What keeps it from being deployed now: the problems of the version that is ready. */
  readonly deployProblems: readonly ErrorProblem[];
}

export const sequences = {
  /** By name. */
  async list(db: Kysely<Tables>): Promise<SequenceHead[]> {
    const rows = await db.selectFrom('sequences').selectAll().orderBy('name_key').execute();
    return rows.map(toHead);
  },

  /** Some by their ids, each with what is wrong with it; one that is not there is left out. */
  async standings(db: Kysely<Tables>, ids: readonly SequenceId[]): Promise<SequenceStanding[]> {
    const site = await siteOf(db);
    const all: SequenceStanding[] = [];
    for (const id of ids) {
      const row = await findRow(db, id);
      if (row !== undefined) all.push(await standingOf(db, row, site));
    }
    return all;
  },

  /** By id or name without case. */
  async head(db: Kysely<Tables>, text: string): Promise<SequenceHead | null> {
    const row = await findRow(db, text);
    return row === undefined ? null : toHead(row);
  },

  /** By id or name without case, with its newest document, draft or not. */
  async find(
    db: Kysely<Tables>,
    text: string,
  ): Promise<(SequenceHead & { readonly documentJson: string }) | null> {
    const row = await findRow(db, text);
    if (row === undefined) return null;
    const { document_json } = await sequencesWith(db, 'newest')
      .select('document_json')
      .where('sequences.id', '=', row.id)
      .executeTakeFirstOrThrow();
    return { ...toHead(row), documentJson: document_json };
  },

  /** The versions of a sequence, the newest first. */
  async versions(db: Kysely<Tables>, id: SequenceId): Promise<SequenceVersion[]> {
    const rows = await db
      .selectFrom('sequence_versions')
      .select(['version', 'draft', 'created_ms'])
      .where('sequence_id', '=', id)
      .orderBy('version', 'desc')
      .execute();
    return rows.map(({ version, draft, created_ms }) => ({
      version,
      state: draft === 1 ? 'draft' : 'ready',
      createdMs: created_ms,
    }));
  },

  /**
   * One version as JSON, in bytes, for nobody to read on the way: `SequenceVersionDetail`. Null when there
   * is none of that number.
   */
  async version(db: Kysely<Tables>, id: SequenceId, version: number): Promise<Uint8Array | null> {
    const head = await existing(db, id);
    const row = await db
      .selectFrom('sequence_versions')
      .selectAll()
      .where('sequence_id', '=', id)
      .where('version', '=', version)
      .executeTakeFirst();
    if (row === undefined) return null;
    const { problems, warnings } = await versionFindings(db, head, version, await siteOf(db));
    const told = {
      id,
      name: head.name,
      version,
      state: row.draft === 1 ? 'draft' : 'ready',
      newestVersion: head.version,
      readyVersion: head.ready_version === 0 ? null : head.ready_version,
      createdMs: row.created_ms,
      problems,
      warnings,
      format: row.source_format === 'json' ? 'json' : 'yaml',
      text: row.source_text,
    };
    const json = `${JSON.stringify(told).slice(0, -1)},"document":${row.document_json}}`;
    return new TextEncoder().encode(json);
  },

  /**
   * What a Run Task Sequence step names, in the version that runs, or the newest where there are only
   * drafts: for simulations. Null when there is none.
   */
  async child(db: Kysely<Tables>, reference: SequenceReference): Promise<StoredChild | null> {
    return (
      (await storedChild(db, reference)) ?? (await storedChild(db, reference, 'newest')) ?? null
    );
  },

  /** What keeps it from being deployed: the problems of the version that is ready (M15). */
  async problems(db: Kysely<Tables>, id: SequenceId): Promise<readonly ErrorProblem[]> {
    return await deployProblems(db, await existing(db, id), await siteOf(db));
  },

  /** What would be wrong with a document if it were stored: its problems and warnings. Nothing is changed. */
  async check(
    db: Kysely<Tables>,
    document: { readonly name: string; readonly documentJson: string },
  ): Promise<BootImageFindings> {
    return await documentFindings(db, document);
  },

  /** Makes a sequence, or a new version of the one with that name. @throws what `addSequence` throws */
  async add(db: Kysely<Tables>, wish: NewSequence, nowMs: number): Promise<SequenceHead> {
    return await addSequence(db, wish, nowMs);
  },

  /** Makes the newest version ready. @throws `sequence.not-found`, and what `makeSequenceReady` throws */
  async ready(db: Kysely<Tables>, id: SequenceId, baseVersion?: number): Promise<SequenceHead> {
    return await makeSequenceReady(db, await existing(db, id), baseVersion);
  },

  /**
   * Takes a sequence away, with all its versions; runs keep what they were granted.
   * @throws {StoreError} `sequence.not-found`; {InventoryError} `sequence.in-use`, with what uses it
   */
  async remove(db: Kysely<Tables>, id: SequenceId): Promise<void> {
    await refuseInUse(db, await existing(db, id));
    await db.deleteFrom('sequence_versions').where('sequence_id', '=', id).execute();
    await db.deleteFrom('sequences').where('id', '=', id).execute();
  },
};

async function existing(db: Kysely<Tables>, id: SequenceId): Promise<Tables['sequences']> {
  const row = await db.selectFrom('sequences').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined)
    throw new StoreError('sequence.not-found', `There is no task sequence ${id}`);
  return row;
}

async function standingOf(
  db: Kysely<Tables>,
  row: Tables['sequences'],
  site: Awaited<ReturnType<typeof siteOf>>,
): Promise<SequenceStanding> {
  const { problems, warnings } = await versionFindings(db, row, row.version, site);
  const isReady = row.ready_version === row.version;
  return {
    ...toHead(row),
    problems,
    warnings,
    deployProblems: isReady ? problems : await deployProblems(db, row, site),
  };
}
