import { StoreError } from '../error.ts';

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

const unreachable: Problem = {
  code: 'store.unreachable',
  message: 'The database does not answer',
  hint: 'Start PostgreSQL, or the network to it; the server goes on by itself, and agents send again.',
};
const login: Problem = {
  code: 'store.login',
  message: 'The database does not let this server in',
  hint: 'Check user and password of database.url, and pg_hba.conf of the database server.',
};
const readOnly: Problem = {
  code: 'store.read-only',
  message: 'The database cannot be written',
  hint: 'Name the primary database in database.url, not a standby.',
};
const busy: Problem = {
  code: 'store.busy',
  message: 'The database did not come to this in time',
  hint: 'Another server, or a program of your own, holds what is needed: see pg_stat_activity.',
};
const full: Problem = {
  code: 'store.full',
  message: 'The disk of the database is full: nothing more can be kept',
  hint: 'Free space there; the server goes on by itself, and agents send again.',
};
const io: Problem = {
  code: 'store.io',
  message: 'The disk of the database fails',
  hint: 'See the log of the database server.',
};
const corrupt: Problem = {
  code: 'store.corrupt',
  message: 'The database is damaged',
  hint: 'Restore it from a backup.',
};
const noDatabase: Problem = {
  code: 'store.no-database',
  message: 'There is no such database',
  hint: 'Make it: createdb --encoding UTF8 --template template0 <name>',
};

/** SQLSTATE values (PostgreSQL manual, appendix A) that an operator can act on. */
const bySqlState: ReadonlyMap<string, Problem> = new Map([
  ['25006', readOnly], // read_only_sql_transaction
  ['28000', login], // invalid_authorization_specification
  ['28P01', login], // invalid_password
  ['3D000', noDatabase], // invalid_catalog_name
  ['42501', login], // insufficient_privilege
  ['53100', full], // disk_full
  ['53300', unreachable], // too_many_connections
  ['55P03', busy], // lock_not_available: lock_timeout
  ['57014', busy], // query_canceled: statement_timeout
  ['58030', io], // io_error
  ['XX001', corrupt], // data_corrupted
  ['XX002', corrupt], // index_corrupted
]);
/** Another transaction was in the way: 40001 serialization_failure, 40P01 deadlock_detected. */
const conflicts: ReadonlySet<string> = new Set(['40001', '40P01']);
/**
 * The server ends the session: 25P03 idle_in_transaction_session_timeout, admin_shutdown, crash_shutdown,
 * cannot_connect_now, database_dropped; 0A000 is a kept statement whose table another server has migrated.
 */
const ended: ReadonlySet<string> = new Set(['25P03', '57P01', '57P02', '57P03', '57P04']);

/** What is known of an error of the driver; undefined for one that is not the database's. */
export function postgresProblem(error: unknown): Problem | undefined {
  if (isLost(error) || isConflict(error)) return isConflict(error) ? busy : unreachable;
  return bySqlState.get(stateOf(error));
}

/** Whether the connection is gone, or could not be made. */
export function isLost(error: unknown): boolean {
  const state = stateOf(error);
  if (ended.has(state) || /^08...$/.test(state) || state === '53300') return true;
  if (state === '0A000') return messageOf(error).includes('cached plan');
  return (
    /^E[A-Z]+$/.test(state) ||
    /^(Connection terminated|timeout expired|Client was closed|Client has encountered|The server does not support SSL|database: no answer)/.test(
      messageOf(error),
    )
  );
}

/** Whether the same again may well succeed, nothing of it being kept. */
export function isConflict(error: unknown): boolean {
  return conflicts.has(stateOf(error));
}

/** What was asked may be kept or not: nobody knows. */
export function commitUnknown(): StoreError {
  return new StoreError(
    'store.unreachable',
    'The connection to the database was lost while it kept this: it may be kept or not',
    { hint: 'Look whether it is there, or send it again; agents do by themselves.' },
  );
}

function stateOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
