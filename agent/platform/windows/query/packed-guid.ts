/**
 * Windows Installer writes GUIDs as registry names packed: no punctuation, the digits of the first three
 * groups reversed as a whole, and each byte's two digits swapped in the rest.
 */
const ORDER = [
  7, 6, 5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 15, 14, 13, 12, 17, 16, 19, 18, 21, 20, 23, 22, 25, 24, 27,
  26, 29, 28, 31, 30,
];

/** `{XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}`, upper case; undefined for what is no packed GUID. */
export function unpackGuid(packed: string): string | undefined {
  if (!/^[0-9a-f]{32}$/i.test(packed)) return undefined;
  const digits = ORDER.map((index) => packed[index] ?? '').join('');
  return `{${digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}}`.toUpperCase();
}
