import type { DeviceInventory } from '../device-inventory.ts';

/** One device as queries see it. */
export interface QuerySubject {
  readonly inventory: DeviceInventory;
  /** Variables of the device itself that are not secret, by name in lower case. */
  readonly variables: ReadonlyMap<string, string>;
  /** The run that was started last; null before the first. */
  readonly lastRun: LastRun | null;
}

/** What a query may ask of the last run. */
export interface LastRun {
  readonly state: string;
  readonly sequenceName: string;
  readonly startedMs: number;
}

/** What of a device is read for a query beside its record, since it is kept elsewhere. */
export type QueryNeed = 'hardware' | 'variables' | 'runs';

type Scalar = string | number | boolean;
/** Null where it is not known; a list fits when one of its members does. */
export type QueryValue = Scalar | null | readonly Scalar[];

/** Something of a device that a query can name. Times are milliseconds since 1970. */
export interface QueryField {
  readonly name: string;
  /** Other names of it. */
  readonly aliases: readonly string[];
  readonly type: 'text' | 'number' | 'date' | 'boolean';
  /** Has any number of values. */
  readonly list: boolean;
  readonly doc: string;
  readonly needs: QueryNeed | null;
  readonly get: (subject: QuerySubject) => QueryValue;
}
