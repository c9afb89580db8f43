import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackChunk } from './store/log-chunks.ts';
import { openSqlite } from './store/sqlite.ts';

/** In plain, percent, hex, base64 (at each offset of three, both alphabets), UTF-16 of both orders. */
function formsOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  );
  const little = Buffer.from(text, 'utf16le');
  const percent = encodeURIComponent(text);
  return [
    bytes,
    little,
    Buffer.from(little).swap16(),
    ...[
      percent,
      percent.replaceAll('%20', '+'),
      percent.replaceAll(/%../g, (code) => code.toLowerCase()),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      ...base64,
      ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
    ].map((form) => Buffer.from(form)),
  ];
}

const forms = new Map<string, Buffer[]>();
/** Which of the words are in it, in any form. */
export function leaksIn(bytes: Uint8Array | string, wanted: readonly string[]): string[] {
  const where = Buffer.from(bytes);
  return wanted.filter((secret) => {
    const known = forms.get(secret) ?? formsOf(secret);
    forms.set(secret, known);
    return known.some((form) => where.includes(form));
  });
}

/**
 * Files of an SQLite database as they lie in a data directory, and the logs of runs, which lie there packed.
 *
 * @throws {Error} nothing is kept: a search there would say nothing
 */
export async function databaseIn(data: string): Promise<[name: string, bytes: Buffer][]> {
  const database = 'metalwright.sqlite';
  const names = (await readdir(data)).filter((name) => name.startsWith(database));
  const files = names.map(
    async (name): Promise<[string, Buffer]> => [name, await readFile(join(data, name))],
  );
  const store = openSqlite(join(data, database));
  try {
    const chunks = await store.db
      .selectFrom('logs')
      .selectAll()
      .orderBy('run_id')
      .orderBy('start')
      .execute();
    if (chunks.length === 0) throw new Error('no log is kept');
    return [...(await Promise.all(files)), ['logs', Buffer.concat(chunks.map(unpackChunk))]];
  } finally {
    store.close();
  }
}
