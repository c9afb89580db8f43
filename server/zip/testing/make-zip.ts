import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** A ZIP archive with these files, deflated unless `compress` is false; a name with `/` behind is a folder. */
export async function makeZip(
  files: Readonly<Record<string, string | Uint8Array>>,
  { compress = true }: { readonly compress?: boolean } = {},
): Promise<Uint8Array> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files))
    if (name.endsWith('/')) zip.addEmptyDirectory(name);
    else zip.addBuffer(Buffer.from(content), name, { compress });
  zip.end();
  return buffer(zip.outputStream);
}

/**
 * The same archive with one text put for another of the same length, wherever it stands: names that yazl
 * itself would not write.
 */
export function replaced(zip: Uint8Array, from: string, to: string): Uint8Array {
  const bytes = Buffer.from(zip);
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) bytes.write(to, at);
  return bytes;
}

/** The same archive with the field at an offset of the first header of the directory changed. */
export function patched(zip: Uint8Array, offset: number, value: number, size: 2 | 4): Uint8Array {
  const bytes = Buffer.from(zip);
  const header = bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  bytes.writeUIntLE(value, header + offset, size);
  return bytes;
}
