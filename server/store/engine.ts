import type { Kysely } from 'kysely';
import type { CallAnswer, StoreCall } from './messages.ts';
import type { Tables } from './tables.ts';

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
  readonly answer: (answers: readonly CallAnswer[]) => void;
}
