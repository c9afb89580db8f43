import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';

/** Whether a location is a PostgreSQL database and not the path of an SQLite file. */
export function isPostgresUrl(location: string): boolean {
  return /^postgres(ql)?:\/\//.test(location);
}

/**
 * Where the site's database is: the URL of the settings with the password from its file, or the file in
 * the data directory. @throws errors of the file system for the file with the password
 */
export async function storeLocation({ dataDirectory, database }: Config): Promise<string> {
  const { url, passwordFile } = database;
  if (url === null) return join(dataDirectory, 'metalwright.sqlite');
  if (passwordFile === null) return url;
  return await withPassword(url, passwordFile);
}

/** The URL with the password from a file. @throws errors of the file system */
export async function withPassword(url: string, passwordFile: string): Promise<string> {
  const password = (await readFile(passwordFile, 'utf8')).trimEnd();
  // As a parameter: a URL without a host, for a socket, can hold no password before it.
  return `${url}${url.includes('?') ? '&' : '?'}password=${encodeURIComponent(password)}`;
}
