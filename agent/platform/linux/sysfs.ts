import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename } from 'node:path';

/** A small file of the kernel without the blanks around it; null where it is not there or not readable. */
export async function readText(path: string): Promise<string | null> {
  return (await readFile(path, 'utf8').catch(() => null))?.trim() ?? null;
}
/** A whole number out of such a file. */
export async function readNumber(path: string): Promise<number | null> {
  const text = await readText(path);
  return text !== null && /^-?\d{1,15}$/.test(text) ? Number(text) : null;
}
/** Names in a folder, in a fixed order; none where it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort((one, other) => (one < other ? -1 : 1));
}
/** Last part of what a link leads to: the driver of a device. */
export async function linkName(path: string): Promise<string | null> {
  return readlink(path).then(
    (target) => basename(target),
    () => null,
  );
}
export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
