import type { Kysely } from 'kysely';
import type { SequenceId } from '#agent/protocol/identity.ts';
import { outlinesOf } from './sequence-images.ts';
import type { Tables } from './tables.ts';

/** What a deployment of a task sequence is held against. */
export interface SequenceRisk {
  /** Names of enabled steps that write disks or systems, those of child sequences too. */
  readonly risky: readonly string[];
  /** It does not upgrade the Windows that it runs in. */
  readonly startsInPe: boolean;
}

/** Reads it from the outlines of the newest ready version and of all that it runs. */
export async function sequenceRisk(
  db: Kysely<Tables>,
  sequence: SequenceId,
): Promise<SequenceRisk> {
  const outlines = await outlinesOf(db, sequence);
  return {
    risky: [...new Set(outlines.flatMap(({ risky }) => risky))],
    startsInPe: !outlines.some(({ upgrades }) => upgrades),
  };
}
