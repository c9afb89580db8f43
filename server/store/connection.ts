import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** One connection to the database: queries through `db`, transactions by hand, since many callers share one. */
export interface Connection {
  readonly db: Kysely<Tables>;
  /** Runs statements without rows: `begin`, `commit`, a savepoint. */
  exec(sql: string): void | Promise<void>;
  /** Databases end a transaction by themselves on some errors, a full disk and a lost connection among them. */
  inTransaction(): boolean;
}
