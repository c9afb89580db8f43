import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

/** SHA-256 of each piece of an object, by that of the object. Content never changes under its name. */
const Pieces = z.record(z.string(), z.array(z.string().regex(/^[0-9a-f]{64}$/)));

/** What was found out of large objects when media were made of them, so that others need not read them for it. */
export interface KnownPieces {
  get(sha256: string): readonly string[] | undefined;
  /** Kept for the next media, too. */
  add(sha256: string, pieces: readonly string[]): Promise<void>;
}

/** Opens the file of it; undefined for none. One that cannot be read is begun anew. */
export async function openKnownPieces(path: string | undefined): Promise<KnownPieces> {
  const text = path === undefined ? '' : await readFile(path, 'utf8').catch(() => '');
  const known = new Map(Object.entries(parse(text)));
  return {
    get: (sha256) => known.get(sha256),
    async add(sha256, pieces) {
      known.set(sha256, [...pieces]);
      if (path === undefined) return;
      await mkdir(dirname(path), { recursive: true });
      // Other media may be made at the same time, and each keeps what it has found.
      const part = `${path}.${randomUUID()}.part`;
      await writeFile(part, JSON.stringify(Object.fromEntries(known)));
      await rename(part, path);
    },
  };
}

function parse(text: string): z.output<typeof Pieces> {
  try {
    return Pieces.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
