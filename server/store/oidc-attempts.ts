import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** Of one address, begun and not come back: an address may be that of a whole office. */
const MOST_OF_AN_ADDRESS = 50;
/** Of all addresses: nobody fills the database by beginning. */
const MOST = 10_000;

/** Clocks of the servers of a site differ by less. */
const AHEAD_MS = 60_000;

/** A browser that is sent to the OpenID provider. */
export interface NewOidcAttempt {
  /** The state is kept as its hash: who reads the database cannot come back with it. */
  readonly stateHash: string;
  /** Path of the console to go on at. */
  readonly returnTo: string;
  readonly address: string;
  readonly nowMs: number;
  readonly expiresMs: number;
}

/** Sign-ins that were begun, in the database: a restart or another server of the site knows them, too. */
export const oidcAttempts = {
  /** Keeps one. @returns milliseconds to wait when there are too many; 0: it is kept */
  async begin(db: Kysely<Tables>, attempt: NewOidcAttempt): Promise<number> {
    const { stateHash, returnTo, address, nowMs, expiresMs } = attempt;
    await db
      .deleteFrom('oidc_attempts')
      .where((is) =>
        is.or([
          is('expires_ms', '<=', nowMs),
          // Of a clock that was ahead and was set right: they would be counted until it is reached again.
          is('expires_ms', '>', expiresMs + AHEAD_MS),
        ]),
      )
      .execute();
    for (const [most, ofAddress] of [
      [MOST_OF_AN_ADDRESS, true],
      [MOST, false],
    ] as const) {
      let query = db
        .selectFrom('oidc_attempts')
        .select((select) => [
          select.fn.countAll().as('count'),
          select.fn.min('expires_ms').as('first_ms'),
        ]);
      if (ofAddress) query = query.where('address', '=', address);
      const { count, first_ms: firstMs } = await query.executeTakeFirstOrThrow();
      if (Number(count) >= most) return Math.max(1000, firstMs - nowMs);
    }
    await db
      .insertInto('oidc_attempts')
      .values({ state_hash: stateHash, return_to: returnTo, address, expires_ms: expiresMs })
      .execute();
    return 0;
  },

  /** Uses one up. @returns null when there is none, it was used, or it is too old */
  async take(
    db: Kysely<Tables>,
    stateHash: string,
    nowMs: number,
  ): Promise<{ readonly returnTo: string } | null> {
    const row = await db
      .deleteFrom('oidc_attempts')
      .where('state_hash', '=', stateHash)
      .returning(['return_to', 'expires_ms'])
      .executeTakeFirst();
    return row === undefined || row.expires_ms <= nowMs ? null : { returnTo: row.return_to };
  },
};
