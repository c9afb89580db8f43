import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** Whether the machine with this key was started from media that proved theirs, and that are not blocked. */
export async function isMediaProved(db: Kysely<Tables>, keyThumbprint: string): Promise<boolean> {
  const row = await db
    .selectFrom('agent_tokens')
    .innerJoin('media', 'media.media_id', 'agent_tokens.media_id')
    .select('media.media_id')
    .where('key_thumbprint', '=', keyThumbprint)
    .where('blocked_ms', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * The media that a key has proved: a later start of the same machine, in the system that a run from them has installed, has
 * their proof by it. Null where there are none.
 */
export async function provenMedia(
  db: Kysely<Tables>,
  keyThumbprint: string,
): Promise<string | null> {
  const row = await db
    .selectFrom('agent_tokens')
    .select('media_id')
    .where('key_thumbprint', '=', keyThumbprint)
    .where('media_id', '!=', '')
    .executeTakeFirst();
  return row?.media_id ?? null;
}
