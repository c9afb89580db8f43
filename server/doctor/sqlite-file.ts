import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { LAST_BACKUP } from '../backup/make-backup.ts';
import { DATABASE_NAME, keyFiles } from '../backup/manifest.ts';
import { migrations } from '../store/migrations/index.ts';
import type { Finding } from './finding.ts';
import { DOCUMENTS, plainSecretFinding } from './plain-secrets.ts';

/** A backup that is older is worth a word; and so is a write-ahead log that has grown so far. */
const OLD_BACKUP_MS = 8 * 86_400_000;
const BIG_WAL_BYTES = 1e9;
/** Everyone but the owner. */
const OTHERS = 0o077;

/** Looks at the database of a data directory, at its last backup, and at who may read the keys. */
export async function checkSqliteFile(dataDirectory: string, nowMs: number): Promise<Finding[]> {
  const keys = await checkKeys(dataDirectory);
  const path = join(dataDirectory, DATABASE_NAME);
  const facts = await stat(path).catch(() => undefined);
  // Not there yet, or in PostgreSQL.
  if (facts === undefined) return keys;
  const wal = await stat(`${path}-wal`).catch(() => undefined);
  return [
    ...checkFile(path),
    ...(wal !== undefined && wal.size > BIG_WAL_BYTES
      ? [
          {
            level: 'warning',
            code: 'doctor.database',
            message: `the write-ahead log of the database has ${(wal.size / 1e9).toFixed(1)} GB`,
            hint: 'something reads the database for very long; restart the server',
          } as const,
        ]
      : []),
    await checkBackup(dataDirectory, nowMs),
    ...keys,
  ];
}

function checkFile(path: string): Finding[] {
  const problem = (message: string, hint: string): Finding => ({
    level: 'problem',
    code: 'doctor.database',
    message,
    hint,
  });
  let file: DatabaseSync | undefined;
  try {
    file = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    const row = file.prepare("select value from counters where name = 'schema-version'").get();
    const { value } = z.object({ value: z.int() }).parse(row);
    if (value > migrations.length)
      return [
        problem(
          `the database has schema ${value}, this version knows ${migrations.length}`,
          'run the newer version of Metalwright, or restore the backup made before it',
        ),
      ];
    const { quick_check: found } = z
      .object({ quick_check: z.string() })
      .parse(file.prepare('pragma quick_check(1)').get());
    if (found !== 'ok')
      return [problem(`the database is damaged: ${found}`, 'stop the server and restore a backup')];
    const ahead =
      value < migrations.length ? `; the next start brings it to ${migrations.length}` : '';
    const whole: Finding = {
      level: 'ok',
      code: 'doctor.database',
      message: `the database is whole, schema ${value}${ahead}`,
    };
    return ahead === '' ? [whole, plainSecretFinding(file.prepare(DOCUMENTS).all())] : [whole];
  } catch (error) {
    return [
      problem(
        `the database cannot be read (${error instanceof Error ? error.message : String(error)})`,
        'run doctor as the user the server runs as; if it is damaged, restore a backup',
      ),
    ];
  } finally {
    file?.close();
  }
}

async function checkBackup(dataDirectory: string, nowMs: number): Promise<Finding> {
  const text = await readFile(join(dataDirectory, LAST_BACKUP), 'utf8').catch(() => '{}');
  const { data } = z.object({ atMs: z.int(), file: z.string() }).safeParse(jsonOf(text));
  const hint = 'metalwright backup <file>, each day from a timer';
  if (data === undefined)
    return { level: 'warning', code: 'doctor.backup', message: 'no backup was ever made', hint };
  const days = Math.floor((nowMs - data.atMs) / 86_400_000);
  const message = `the last backup is ${days} days old: ${data.file}`;
  return nowMs - data.atMs > OLD_BACKUP_MS
    ? { level: 'warning', code: 'doctor.backup', message, hint }
    : { level: 'ok', code: 'doctor.backup', message };
}

async function checkKeys(dataDirectory: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of keyFiles.filter((each) => !each.endsWith('.pem'))) {
    const facts = await stat(join(dataDirectory, name)).catch(() => undefined);
    if (facts === undefined || (facts.mode & OTHERS) === 0) continue;
    findings.push({
      level: 'problem',
      code: 'doctor.key',
      message: `${name} has mode ${(facts.mode & 0o777).toString(8)}: others than its owner may read it`,
      hint: `chmod 600 ${join(dataDirectory, name)}; if somebody may have read it, make it anew`,
    });
  }
  return findings;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
