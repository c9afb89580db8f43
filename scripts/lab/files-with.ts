import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from './scenario.ts';

/** Files below a folder, disk images among them, that hold a text. */
export async function filesWith(
  lab: Lab,
  folder: string,
  text: string,
): Promise<{ searched: number; found: string[] }> {
  const result: { searched: number; found: string[] } = { searched: 0, found: [] };
  for (const entry of await readdir(folder, { recursive: true })) {
    const path = join(folder, entry);
    if (!(await stat(path)).isFile()) continue;
    result.searched += 1;
    if (await holds(path, text, lab.signal)) result.found.push(path);
  }
  return result;
}

async function holds(path: string, text: string, signal: AbortSignal): Promise<boolean> {
  let tail = Buffer.alloc(0);
  for await (const piece of createReadStream(path, { highWaterMark: 4 * 1024 ** 2, signal })) {
    const bytes = Buffer.concat([tail, Buffer.from(piece)]);
    if (bytes.includes(text)) return true;
    tail = bytes.subarray(-text.length);
  }
  return false;
}
