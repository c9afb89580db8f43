import type { Kysely } from 'kysely';
import { type AttemptSubject, addFailure, FORGET_AFTER_MS } from '../inventory/sign-in-delay.ts';
import { hash } from '../trust/token.ts';
import type { Tables } from './tables.ts';

/** Account name and address of an attempt; null where no name is typed: by an OpenID provider. */
export interface SignInAttempt {
  readonly name: string | null;
  readonly address: string;
  readonly nowMs: number;
}

/** Clocks of the servers of a site differ by less. */
const AHEAD_MS = 60_000;

/**
 * Attempts to sign in, in the database: neither a restart nor a second server forgets them. An attempt is
 * counted as failed before the password is looked at, so that many at once count as many.
 */
export const signIns = {
  /** Counts an attempt. @returns milliseconds to wait when it may not be made now; 0: it may */
  async begin(db: Kysely<Tables>, attempt: SignInAttempt): Promise<number> {
    const { nowMs } = attempt;
    await db
      .deleteFrom('sign_in_attempts')
      .where((is) =>
        is.or([
          is('last_ms', '<', nowMs - FORGET_AFTER_MS),
          // Of a clock that was ahead and was set right: it would keep people out until it is reached again.
          is('last_ms', '>', nowMs + AHEAD_MS),
        ]),
      )
      .execute();
    const subjects = subjectsOf(attempt);
    const rows = await db
      .selectFrom('sign_in_attempts')
      .selectAll()
      .where(
        'subject',
        'in',
        subjects.map(({ key }) => key),
      )
      .execute();
    const waitMs = Math.max(0, ...rows.map((row) => row.blocked_until_ms - nowMs));
    if (waitMs > 0) return waitMs;
    for (const { key, kind } of subjects) {
      const row = rows.find(({ subject }) => subject === key);
      const before =
        row === undefined
          ? undefined
          : { failures: row.failures, lastMs: row.last_ms, blockedUntilMs: row.blocked_until_ms };
      const { failures, lastMs, blockedUntilMs } = addFailure(before, kind, nowMs);
      const columns = { failures, last_ms: lastMs, blocked_until_ms: blockedUntilMs };
      await db
        .insertInto('sign_in_attempts')
        .values({ subject: key, ...columns })
        .onConflict((conflict) => conflict.column('subject').doUpdateSet(columns))
        .execute();
    }
    return 0;
  },

  /** The attempt was right: the account's failures are forgotten, and this one of the address. */
  async succeeded(db: Kysely<Tables>, attempt: SignInAttempt): Promise<void> {
    for (const { key, kind } of subjectsOf(attempt)) {
      if (kind === 'account')
        await db.deleteFrom('sign_in_attempts').where('subject', '=', key).execute();
      else
        await db
          .updateTable('sign_in_attempts')
          .set((set) => ({ failures: set('failures', '-', 1), blocked_until_ms: 0 }))
          .where('subject', '=', key)
          .execute();
    }
  },
};

/**
 * A name that was typed may be a password in the wrong field, so no name is kept: 24 bits of its hash tell
 * accounts apart and nothing of what was typed.
 */
function subjectsOf({
  name,
  address,
}: SignInAttempt): { readonly key: string; readonly kind: AttemptSubject }[] {
  const ofAddress = { key: `address:${address}`, kind: 'address' } as const;
  if (name === null) return [ofAddress];
  const typed = name.normalize('NFC').trim().toLowerCase();
  return [{ key: `account:${hash(typed).slice(0, 6)}`, kind: 'account' }, ofAddress];
}
