/**
 * The files of a deployment share. Shares are folders of Windows: names are without case, and paths in
 * them have backslashes. What a file of the share says is not believed: no path leaves the folder, and no
 * link is followed.
 */
import { lstat, open, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ImportError } from '../../import-error.ts';

interface ShareEntry {
  readonly name: string;
  /** From the share on, with backslashes: `Applications\Reader\setup.exe`. */
  readonly path: string;
  readonly isFolder: boolean;
}

/** What lies below a folder, as far as it was looked at. */
export interface FolderSize {
  readonly files: number;
  readonly bytes: number;
  /** There is more than was looked at. */
  readonly isMore: boolean;
}

export interface ShareFolder {
  readonly root: string;
  /** What is at a path of the share, `.\Applications\Reader`; undefined where nothing is, or it leaves the share. */
  find(path: string): Promise<ShareEntry | undefined>;
  /** What is in a folder, sorted by name; nothing where there is no such folder. */
  list(path: string): Promise<readonly ShareEntry[]>;
  /** The bytes of a file. @throws {ImportError} `import.file`, `import.too-large` */
  read(path: string, mostBytes: number): Promise<Uint8Array>;
  /** The first bytes of a file, for a look into it. */
  head(path: string, bytes: number): Promise<Uint8Array>;
  sizeOf(path: string): Promise<number | undefined>;
  /** Files below a folder at any depth, and how large they are. */
  measure(path: string): Promise<FolderSize>;
  /** All files below a folder, those of a folder before those of the folders in it; at most `most`. */
  walk(path: string, most: number): AsyncGenerator<ShareEntry>;
}

const MAX_DEPTH = 32;
const MAX_ENTRIES = 100_000;
const MAX_PATH = 1024;

/** Opens a deployment share. @throws {ImportError} `mdt.no-share` */
export async function openShare(folder: string): Promise<ShareFolder> {
  const root = resolve(folder);
  const share = shareAt(root);
  const control = await share.find('Control').catch(() => undefined);
  if (control?.isFolder !== true)
    throw new ImportError(
      'mdt.no-share',
      `${folder}: is no deployment share: it has no folder Control`,
      {
        hint: 'Name the folder that is shared, with Control, Scripts and Applications in it.',
      },
    );
  return share;
}

function shareAt(root: string): ShareFolder {
  /** Folders that were read, by their real path. */
  const known = new Map<string, Promise<readonly ShareEntry[]>>();
  const listReal = (real: string, path: string): Promise<readonly ShareEntry[]> => {
    const before = known.get(real);
    if (before !== undefined) return before;
    const now = entriesOf(real, path);
    if (known.size < 10_000) known.set(real, now);
    return now;
  };

  /** The names of a path as they are on the disk; undefined where it leads nowhere. */
  async function namesOf(path: string): Promise<readonly string[] | undefined> {
    const wanted = partsOf(path);
    if (wanted === undefined) return undefined;
    const names: string[] = [];
    for (const part of wanted) {
      const entries = await listReal(join(root, ...names), names.join('\\'));
      const found =
        entries.find(({ name }) => name === part) ??
        entries.find(({ name }) => name.toLowerCase() === part.toLowerCase());
      if (found === undefined) return undefined;
      names.push(found.name);
    }
    return names;
  }
  async function realFile(path: string): Promise<string> {
    const names = await namesOf(path);
    if (names === undefined || names.length === 0)
      throw new ImportError('import.file', `${path}: is not in the share`);
    return join(root, ...names);
  }

  const share: ShareFolder = {
    root,
    async find(path) {
      const names = await namesOf(path);
      if (names === undefined) return undefined;
      const name = names.at(-1);
      if (name === undefined) return { name: '', path: '', isFolder: true };
      const entries = await listReal(
        join(root, ...names.slice(0, -1)),
        names.slice(0, -1).join('\\'),
      );
      return entries.find((entry) => entry.name === name);
    },
    async list(path) {
      const names = await namesOf(path);
      return names === undefined ? [] : await listReal(join(root, ...names), names.join('\\'));
    },
    async read(path, mostBytes) {
      const real = await realFile(path);
      const { size } = await lstat(real);
      if (size > mostBytes)
        throw new ImportError(
          'import.too-large',
          `${path}: has ${size} bytes, at most ${mostBytes} are read`,
        );
      return await firstBytes(real, size, path);
    },
    async head(path, bytes) {
      return await firstBytes(await realFile(path), bytes, path);
    },
    async sizeOf(path) {
      const names = await namesOf(path);
      if (names === undefined || names.length === 0) return undefined;
      const status = await lstat(join(root, ...names));
      return status.isFile() ? status.size : undefined;
    },
    async measure(path) {
      let files = 0;
      let bytes = 0;
      for await (const entry of share.walk(path, MAX_ENTRIES)) {
        files += 1;
        bytes += (await share.sizeOf(entry.path)) ?? 0;
      }
      return { files, bytes, isMore: files >= MAX_ENTRIES };
    },
    async *walk(path, most) {
      const folders = [{ path, depth: 0 }];
      let left = most;
      for (let next = folders.shift(); next !== undefined; next = folders.shift())
        for (const entry of await share.list(next.path)) {
          if (left <= 0) return;
          left -= 1;
          if (!entry.isFolder) yield entry;
          else if (next.depth < MAX_DEPTH)
            folders.push({ path: entry.path, depth: next.depth + 1 });
        }
    },
  };
  return share;
}

/** Files and folders alone: what a link leads to is elsewhere. */
async function entriesOf(real: string, path: string): Promise<readonly ShareEntry[]> {
  const entries = await readdir(real, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .slice(0, MAX_ENTRIES)
    .map((entry) => ({
      name: entry.name,
      path: path === '' ? entry.name : `${path}\\${entry.name}`,
      isFolder: entry.isDirectory(),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The names of a path inside the share; undefined for one that leaves it, or is none. */
function partsOf(path: string): readonly string[] | undefined {
  if (path.length > MAX_PATH || path.includes('\0') || /^\s*(?:[a-z]:|[\\/]{2})/i.test(path))
    return undefined;
  const parts = path.split(/[\\/]+/).filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? undefined : parts;
}

async function firstBytes(real: string, most: number, path: string): Promise<Uint8Array> {
  try {
    await using file = await open(real, 'r');
    const bytes = new Uint8Array(most);
    let length = 0;
    while (length < most) {
      const { bytesRead } = await file.read(bytes, length, most - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ImportError('import.file', `${path}: cannot be read: ${reason}`, { cause });
  }
}
