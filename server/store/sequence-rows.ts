import type { Kysely } from 'kysely';
import { SequenceId } from '#agent/protocol/identity.ts';
import type { SequenceReference } from '#agent/sequence/child-sequence.ts';
import type { Tables } from './tables.ts';

/** `ready`: it was checked, and machines may get it. `draft`: it is no more than kept. */
export type SequenceState = 'draft' | 'ready';

/** A task sequence without its documents; name, description and disabled are of the version that runs. */
export interface SequenceHead {
  readonly id: SequenceId;
  readonly name: string;
  readonly description: string;
  /** The newest. */
  readonly version: number;
  /** State of the newest version. */
  readonly state: SequenceState;
  /** The newest that is ready: what machines get. Null when there are only drafts. */
  readonly readyVersion: number | null;
  /** Disabled: offered to no machine, and refused as a child. */
  readonly disabled: boolean;
  readonly createdMs: number;
}
/** A version of it. */
export interface SequenceVersion {
  readonly version: number;
  readonly state: SequenceState;
  readonly createdMs: number;
}

/** All sequences with a version each: the newest, or the newest that is ready. */
export function sequencesWith(db: Kysely<Tables>, which: 'newest' | 'ready') {
  const column = which === 'newest' ? 'sequences.version' : 'sequences.ready_version';
  return db
    .selectFrom('sequences')
    .innerJoin('sequence_versions', (join) =>
      join
        .onRef('sequence_versions.sequence_id', '=', 'sequences.id')
        .onRef('sequence_versions.version', '=', column),
    );
}

/** The row of what has that id, or that name without case; the id counts before the name. */
export async function findRow(db: Kysely<Tables>, text: string) {
  const rows = await db
    .selectFrom('sequences')
    .selectAll()
    .where((where) =>
      where.or([
        where('id', '=', text.trim().toUpperCase()),
        where('name_key', '=', nameKey(text)),
      ]),
    )
    .execute();
  const [row] = rows.sort((a, b) => Number(b.id === text) - Number(a.id === text));
  return row;
}

/** The row of what a step names. */
export async function referencedRow(db: Kysely<Tables>, { id, name = '' }: SequenceReference) {
  const query = db.selectFrom('sequences').selectAll();
  return await (id === undefined
    ? query.where('name_key', '=', nameKey(name))
    : query.where('id', '=', id)
  ).executeTakeFirst();
}

/** What two names have in common that are one. */
export function nameKey(name: string): string {
  return name.trim().toLowerCase();
}

/** A row as its readers see it. */
export function toHead(row: Tables['sequences']): SequenceHead {
  return {
    id: SequenceId.parse(row.id),
    name: row.name,
    description: row.description,
    version: row.version,
    state: row.ready_version === row.version ? 'ready' : 'draft',
    readyVersion: row.ready_version === 0 ? null : row.ready_version,
    disabled: row.disabled === 1,
    createdMs: row.created_ms,
  };
}
