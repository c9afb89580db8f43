import type { Kysely } from 'kysely';
import type { CallAnswer, StoreCall } from './messages.ts';
import type { Tables } from './tables.ts';
import type { DoTogether } from './together.ts';

/** A database that runs the store's operations: one a dialect. */
export interface Engine {
  /** Takes a call; it is answered after its commit. */
  take(call: StoreCall): void;
  /** Ends after all that was taken is answered. */
  close(): Promise<void>;
}

/** What an engine works with. */
export interface EngineSettings {
  /** Runs one operation by its name. */
  readonly perform: (db: Kysely<Tables>, call: StoreCall) => Promise<unknown>;
  /** What of a group is run together; the rest is run one by one. */
  readonly planTogether: (calls: readonly StoreCall[]) => DoTogether | undefined;
  readonly answer: (answers: readonly CallAnswer[]) => void;
}
