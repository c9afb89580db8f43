import { connect } from 'node:net';
import type { SiteServer } from '../inventory/live-servers.ts';
import { readSchemaVersion } from '../store/migrate.ts';
import { migrations } from '../store/migrations/index.ts';
import { connectPostgres, type PostgresConnection } from '../store/postgres/connection.ts';
import { postgresProblem } from '../store/postgres/errors.ts';
import { servers } from '../store/servers.ts';
import type { Finding } from './finding.ts';
import { DOCUMENTS, plainSecretFinding } from './plain-secrets.ts';

/** A round trip above this is felt: each decision takes some ten of them. */
const SLOW_MS = 5;
const ROUND_TRIPS = 5;
/** A server beats every second; one that ended without a word stays in the table for a day. */
const SILENT_MS = 10_000;
const REACH_MS = 2000;

/**
 * Looks at a PostgreSQL database: whether it answers, how quickly, which tables it has, which servers use
 * it and whether their agents' listeners can be reached from here. Nothing is changed.
 */
export async function checkDatabase(url: string, nowMs: number): Promise<Finding[]> {
  let connection: PostgresConnection;
  try {
    connection = await connectPostgres(url);
  } catch (error) {
    return [notReached(error)];
  }
  try {
    const version = await connection.show('server_version');
    const latencyMs = await latencyOf(connection);
    const reached: Finding = {
      level: latencyMs > SLOW_MS ? 'warning' : 'ok',
      code: 'doctor.database',
      message: `PostgreSQL ${version} answers in ${latencyMs.toFixed(1)} ms`,
      ...(latencyMs > SLOW_MS
        ? { hint: 'put the database nearer: each decision of the server asks it several times' }
        : {}),
    };
    const schema = await readSchemaVersion(connection.db);
    if (schema === 0) return [reached, schemaFinding(schema)];
    const all = await servers.list(connection.db);
    const documents = schema === migrations.length ? await connection.query(DOCUMENTS, []) : null;
    return [
      reached,
      schemaFinding(schema),
      ...(await Promise.all(all.map((one) => checkServer(one, nowMs)))),
      ...(documents === null ? [] : [plainSecretFinding(documents.rows)]),
    ];
  } catch (error) {
    return [notReached(error)];
  } finally {
    await connection.close();
  }
}

async function latencyOf(connection: PostgresConnection): Promise<number> {
  const startedMs = performance.now();
  for (let trip = 0; trip < ROUND_TRIPS; trip += 1) await connection.exec('select 1');
  return (performance.now() - startedMs) / ROUND_TRIPS;
}

function schemaFinding(schema: number): Finding {
  const code = 'doctor.database';
  if (schema === 0)
    return { level: 'ok', code, message: 'The database is empty; serve makes its tables' };
  const message = `The database has schema ${schema}, this version knows ${migrations.length}`;
  if (schema === migrations.length) return { level: 'ok', code, message };
  return schema > migrations.length
    ? { level: 'problem', code, message, hint: 'run the newer version of Metalwright here, too' }
    : {
        level: 'warning',
        code,
        message,
        hint: 'the next start of serve brings it along; stop the other servers before',
      };
}

async function checkServer(server: SiteServer, nowMs: number): Promise<Finding> {
  const { name, addresses, agentPort, version, heartbeatMs } = server;
  const code = 'doctor.server';
  const silentS = Math.round((nowMs - heartbeatMs) / 1000);
  const listens = addresses.map(({ address }) => `${address}:${agentPort}`).join(', ');
  const who = `Server ${name} ${version} (${listens})`;
  if (nowMs - heartbeatMs > SILENT_MS)
    return {
      level: 'warning',
      code,
      message: `${who} has been silent for ${silentS} s`,
      hint: 'start it, if it is to run; one that was killed is forgotten after a day',
    };
  const reached = await Promise.all(addresses.map(({ address }) => reaches(address, agentPort)));
  return reached.includes(true)
    ? { level: 'ok', code, message: `${who} lives and can be reached` }
    : {
        level: 'problem',
        code,
        message: `${who} lives, but its agents' listener cannot be reached from here`,
        hint: 'open that port between the servers: content is brought over by the boot port, agents go from one to the other',
      };
}

async function reaches(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port, timeout: REACH_MS });
  socket.on('connect', () => resolve(true));
  socket.on('error', () => resolve(false));
  socket.on('timeout', () => resolve(false));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

function notReached(error: unknown): Finding {
  const known = postgresProblem(error);
  const message = error instanceof Error ? error.message : String(error);
  return {
    level: 'problem',
    code: 'doctor.database',
    message: known === undefined ? message : `${known.message}: ${message}`,
    ...(known === undefined ? {} : { hint: known.hint }),
  };
}
