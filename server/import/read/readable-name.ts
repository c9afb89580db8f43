/**
 * A name for people from that of a file: `Windows_10+Upgrade.object.xml` is "Windows 10 Upgrade". `ts.xml`
 * and `object.xml` say nothing themselves: then it is the folder's.
 */
export function readableName(fileName: string): string {
  const parts = fileName.split(/[\\/]/).filter((part) => part !== '');
  const last = parts.at(-1) ?? '';
  const base = /^(?:ts|object|sequence)\.xml$/i.test(last) ? (parts.at(-2) ?? last) : last;
  const name = base
    .replace(/(?:[._](?:object|ts))?\.(?:xml|zip)$/i, '')
    .replaceAll(/[_+\s]+/g, ' ')
    .trim();
  return name === '' ? 'Imported task sequence' : name;
}
