import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import type { Connection } from './connection.ts';
import type { Tables } from './tables.ts';

/** An open SQLite file. */
export interface SqliteFile extends Connection {
  exec(sql: string): void;
  /** First row of a statement without parameters, which stays prepared; undefined for none. */
  get(sql: string): unknown;
  close(): void;
}

/**
 * Opens or makes the file. WAL lets a backup read while we write; `synchronous = FULL` syncs the WAL at
 * each commit, so what was answered outlives a power cut.
 */
export function openSqlite(path: string): SqliteFile {
  const file = new DatabaseSync(path, { timeout: 5000 });
  file.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;');
  const database = adapt(file);
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
  return {
    db,
    exec: (sql) => file.exec(sql),
    get: (sql) => database.prepare(sql).all([])[0],
    inTransaction: () => file.isTransaction,
    close: () => file.close(),
  };
}

/** Statements kept prepared: each operation's few texts come again and again. */
const KEPT_STATEMENTS = 300;

/** Gives node:sqlite the shape that Kysely's dialect expects (better-sqlite3's). */
function adapt(file: DatabaseSync): SqliteDatabase {
  const kept = new Map<string, SqliteStatement>();
  return {
    close: () => file.close(),
    prepare(sql) {
      const before = kept.get(sql);
      if (before !== undefined) return before;
      const made = adaptStatement(file.prepare(sql));
      // A changed schema makes kept statements wrong; SQLite prepares them anew by itself.
      if (kept.size >= KEPT_STATEMENTS) kept.clear();
      kept.set(sql, made);
      return made;
    },
  };
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...toInput(parameters)),
    run: (parameters) => statement.run(...toInput(parameters)),
    iterate: (parameters) => statement.iterate(...toInput(parameters)),
  };
}

function toInput(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((value) => {
    if (value === null || typeof value === 'string' || typeof value === 'number') return value;
    if (typeof value === 'bigint' || value instanceof Uint8Array) return value;
    throw new TypeError(`SQLite cannot keep a ${typeof value}`);
  });
}
