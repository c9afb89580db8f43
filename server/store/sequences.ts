import type { Kysely } from 'kysely';
import { SequenceId } from '#agent/protocol/identity.ts';
import type { RunError } from '#agent/protocol/run-event.ts';
import type { SequenceReference } from '#agent/sequence/child-sequence.ts';
import { refuseCycle } from '../inventory/child-cycle.ts';
import type { StoredChild } from '../inventory/read-children.ts';
import { problemOf, sequenceProblems } from '../inventory/sequence-problems.ts';
import { childFinder, storedChild } from './child-finder.ts';
import { nextId } from './counters.ts';
import { packages } from './packages.ts';
import { settings } from './settings.ts';
import type { Tables } from './tables.ts';

/** The newest version of a task sequence, without its document. */
export interface SequenceHead {
  readonly id: SequenceId;
  readonly name: string;
  readonly description: string;
  readonly version: number;
  /** Disabled: offered to no machine, and refused as a child. */
  readonly disabled: boolean;
  readonly createdMs: number;
}
export interface Sequence extends SequenceHead {
  /** The document as JSON text, already parsed once by `parseTaskSequence`. */
  readonly documentJson: string;
}
/** The text an operator wrote, kept as it came. */
export interface SequenceSource {
  readonly text: string;
  readonly format: 'yaml' | 'json';
}

export const sequences = {
  /** By name. */
  async list(db: Kysely<Tables>): Promise<SequenceHead[]> {
    const rows = await db.selectFrom('sequences').selectAll().orderBy('name_key').execute();
    return rows.map(toHead);
  },

  /** By id or name without case. */
  async find(db: Kysely<Tables>, text: string): Promise<Sequence | null> {
    const rows = await newest(db)
      .where((where) =>
        where.or([
          where('sequences.id', '=', text.trim().toUpperCase()),
          where('sequences.name_key', '=', text.trim().toLowerCase()),
        ]),
      )
      .execute();
    const [row] = rows.sort((a, b) => Number(b.id === text) - Number(a.id === text));
    return row === undefined ? null : toSequence(row);
  },

  /** The text of the newest version; null when there is no such sequence. */
  async source(db: Kysely<Tables>, id: SequenceId): Promise<SequenceSource | null> {
    const row = await db
      .selectFrom('sequence_versions')
      .select(['source_text', 'source_format'])
      .where('sequence_id', '=', id)
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row === undefined
      ? null
      : { text: row.source_text, format: row.source_format === 'json' ? 'json' : 'yaml' };
  },

  /** The newest version of what a Run Task Sequence step names; null when there is none. */
  async child(db: Kysely<Tables>, reference: SequenceReference): Promise<StoredChild | null> {
    return (await storedChild(db, reference)) ?? null;
  },

  /** What keeps it from being deployed; the first thing that keeps it from being read, else all. */
  async problems(db: Kysely<Tables>, id: SequenceId): Promise<readonly RunError[]> {
    const sequence = await sequences.find(db, id);
    if (sequence === null) return [];
    const { features } = await settings.get(db);
    const known = await packages.index(db);
    try {
      const find = await childFinder(db, sequence);
      return sequenceProblems(sequence, { packages: known, find, features });
    } catch (error) {
      return [problemOf(error)];
    }
  },

  /**
   * Makes a sequence, or a new version of the one with that name.
   * @throws {InventoryError} `sequence.child-cycle` when sequences would then run each other in a circle (M10)
   */
  async add(
    db: Kysely<Tables>,
    wish: Pick<Sequence, 'name' | 'description' | 'documentJson'> & {
      readonly disabled?: boolean;
      readonly source: SequenceSource;
    },
    nowMs: number,
  ): Promise<Sequence> {
    const name_key = wish.name.trim().toLowerCase();
    const before = await db
      .selectFrom('sequences')
      .selectAll()
      .where('name_key', '=', name_key)
      .executeTakeFirst();
    const id = SequenceId.parse(before?.id ?? (await nextId(db, 'package')));
    const version = (before?.version ?? 0) + 1;
    const { name, description, documentJson, disabled = false } = wish;
    const columns = { name, description, version, disabled: disabled ? 1 : 0 };
    await db
      .insertInto('sequences')
      .values({ id, name_key, created_ms: nowMs, ...columns })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
      .execute();
    await db
      .insertInto('sequence_versions')
      .values({
        sequence_id: id,
        version,
        document_json: documentJson,
        source_text: wish.source.text,
        source_format: wish.source.format,
        created_ms: nowMs,
      })
      .execute();
    const createdMs = before?.created_ms ?? nowMs;
    const made = { id, name, description, version, disabled, createdMs, documentJson };
    // A refusal undoes what was written above: the whole call is one savepoint.
    refuseCycle(made, await childFinder(db, made));
    return made;
  },
};

function newest(db: Kysely<Tables>) {
  return db
    .selectFrom('sequences')
    .innerJoin('sequence_versions', (join) =>
      join
        .onRef('sequence_versions.sequence_id', '=', 'sequences.id')
        .onRef('sequence_versions.version', '=', 'sequences.version'),
    )
    .select([
      'sequences.id as id',
      'sequences.name as name',
      'sequences.description as description',
      'sequences.version as version',
      'sequences.disabled as disabled',
      'sequences.created_ms as created_ms',
      'sequence_versions.document_json as document_json',
    ]);
}

interface HeadRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly version: number;
  readonly disabled: number;
  readonly created_ms: number;
}

function toHead(row: HeadRow): SequenceHead {
  return {
    id: SequenceId.parse(row.id),
    name: row.name,
    description: row.description,
    version: row.version,
    disabled: row.disabled === 1,
    createdMs: row.created_ms,
  };
}

function toSequence(row: HeadRow & { readonly document_json: string }): Sequence {
  return { ...toHead(row), documentJson: row.document_json };
}
