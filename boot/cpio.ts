/** One entry of a newc archive. A directory's path has no slash at its end. */
export type CpioEntry =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      readonly data: Uint8Array;
    }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'character-device';
      readonly path: string;
      readonly mode: number;
      readonly major: number;
      readonly minor: number;
    };

const MAGIC = '070701';
const TRAILER = 'TRAILER!!!';
/** File type bits of `c_mode`, as in stat(2). */
const FILE_TYPE = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  'character-device': 0o020000,
} as const;

interface Record {
  readonly path: string;
  readonly mode: number;
  readonly inode: number;
  readonly links: number;
  readonly data: Uint8Array;
  readonly major: number;
  readonly minor: number;
}

/**
 * An initramfs archive in the newc format of the Linux kernel
 * (Documentation/driver-api/early-userspace/buffer-format.rst): everything belongs to root and has
 * time 0, so that equal entries give equal bytes. Parents must come before what they hold; several
 * archives may follow each other, each padded to four bytes, as this one is.
 * @throws {RangeError} a path that is empty, absolute, or has `..`, or a file of 4 GiB or more
 */
export function formatCpio(entries: readonly CpioEntry[]): Uint8Array {
  const records = entries.map((entry, index) => toRecord(entry, index + 1));
  records.push({ path: TRAILER, mode: 0, inode: 0, links: 1, data: EMPTY, major: 0, minor: 0 });
  const parts = records.flatMap(formatRecord);
  const archive = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    archive.set(part, offset);
    offset += part.length;
  }
  return archive;
}

const EMPTY = new Uint8Array();
const text = new TextEncoder();

function toRecord(entry: CpioEntry, inode: number): Record {
  if (entry.path === '' || /(^|\/)(\.\.?)?(\/|$)|\0/.test(entry.path)) {
    throw new RangeError(`cpio path must be relative and plain: ${JSON.stringify(entry.path)}`);
  }
  const mode = FILE_TYPE[entry.kind] | (entry.kind === 'symlink' ? 0o777 : entry.mode);
  return {
    path: entry.path,
    mode,
    inode,
    links: entry.kind === 'directory' ? 2 : 1,
    data: dataOf(entry),
    major: entry.kind === 'character-device' ? entry.major : 0,
    minor: entry.kind === 'character-device' ? entry.minor : 0,
  };
}

function dataOf(entry: CpioEntry): Uint8Array {
  if (entry.kind === 'symlink') return text.encode(entry.target);
  if (entry.kind !== 'file') return EMPTY;
  if (entry.data.length > 0xffff_ffff) throw new RangeError(`${entry.path} is over 4 GiB`);
  return entry.data;
}

function formatRecord({ path, mode, inode, links, data, major, minor }: Record): Uint8Array[] {
  const name = text.encode(`${path}\0`);
  // c_ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
  const fields = [inode, mode, 0, 0, links, 0, data.length, 0, 0, major, minor, name.length, 0];
  const header = text.encode(
    MAGIC + fields.map((field) => field.toString(16).padStart(8, '0')).join(''),
  );
  return [header, name, padding(header.length + name.length), data, padding(data.length)];
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}
