/** One file of a boot image, as its manifest lists it. */
export interface ManifestEntry {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * The manifest of a boot image: a line `<sha256> <size> <name>` for each file, sorted by name. The server
 * signs these bytes; the loader believes nothing else.
 * @throws {RangeError} a name with blanks or slashes
 */
export function formatManifest(entries: readonly ManifestEntry[]): string {
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, sizeBytes, sha256 }) => {
      if (!/^[\w.-]+$/.test(name)) throw new RangeError(`no name for a manifest: ${name}`);
      return `${sha256} ${sizeBytes} ${name}\n`;
    })
    .join('');
}
