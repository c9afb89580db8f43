import type { ContentTables } from './content-tables.ts';
import type { DeviceTables } from './device-tables.ts';
import type { MediaTables } from './media-tables.ts';
import type { PeopleTables } from './people-tables.ts';
import type { RunTables } from './run-tables.ts';

/**
 * Rows of the database, as migrations/ makes them. Portable by rule: JSON is text parsed by zod, times
 * are integer milliseconds since 1970, truth is 0 or 1, and no query looks into JSON.
 */
export interface Tables extends DeviceTables, ContentTables, RunTables, PeopleTables, MediaTables {
  counters: { name: string; value: number };
  settings: { name: string; value_json: string };
}
