import { join } from 'node:path';
import { readText } from './sysfs.ts';

/** What a Linux says of itself (os-release(5)): `ID`, `VERSION_ID`, `PRETTY_NAME` and more. @param root `/` */
export async function readOsRelease(root: string): Promise<ReadonlyMap<string, string>> {
  const text =
    (await readText(join(root, 'etc/os-release'))) ??
    (await readText(join(root, 'usr/lib/os-release'))) ??
    '';
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [, name, value] = /^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line.slice(0, 2000)) ?? [];
      return name === undefined || value === undefined ? [] : [[name, unquoted(value)]];
    }),
  );
}

/** A value is quoted as for a shell: in single or double quotes, with backslashes in the latter. */
function unquoted(value: string): string {
  const [, quote, inner] = /^(["'])(.*)\1$/.exec(value) ?? [];
  if (inner === undefined) return value;
  return quote === '"' ? inner.replaceAll(/\\(["$`\\])/g, '$1') : inner;
}
