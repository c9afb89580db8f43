/** One structure as bytes: header, fields by offset, strings. For tests. */
export function structure(
  type: number,
  length: number,
  fields: Readonly<Record<number, readonly number[]>>,
  strings: readonly string[] = [],
): number[] {
  const bytes = Array.from({ length }, () => 0);
  bytes.splice(0, 4, type, length, type, 0x01);
  for (const [offset, values] of Object.entries(fields))
    bytes.splice(Number(offset), values.length, ...values);
  const text = strings.flatMap((string) => [...Buffer.from(string, 'latin1'), 0]);
  return [...bytes, ...(text.length === 0 ? [0, 0] : [...text, 0])];
}

/** A table of an invented laptop, each structure as a maker would fill it. */
export function laptopTable(): Uint8Array {
  const uuid = [0x44, 0x45, 0x4c, 0x4c, 0x42, 0, 0x10, 0x35, 0x80, 0x52, 0xb4, 0xc0, 0x4f, 0x4a];
  return Uint8Array.from([
    ...structure(0, 0x18, { 4: [1], 5: [2], 8: [3], 20: [1, 16] }, [
      'Acme Inc.',
      '1.16.2',
      '04/21/2020',
    ]),
    ...structure(
      1,
      0x1b,
      { 4: [1], 5: [2], 6: [3], 7: [4], 8: [...uuid, 0x31, 0x32], 25: [5], 26: [6] },
      ['Acme Inc.', 'Latitude 5530 ', 'A00', 'AAA88B2', '087D', 'Latitude'],
    ),
    ...structure(2, 0x0f, { 4: [1], 5: [2], 6: [3], 7: [4] }, [
      'Acme Inc.',
      '0FP2W2',
      'A00',
      '/AAA88B2/CNWSC0098/',
    ]),
    ...structure(3, 0x18, { 4: [1], 5: [0x80 | 10], 7: [2], 8: [3], 19: [1, 2], 23: [4] }, [
      'Acme Inc.',
      'AAA88B2',
      'ASSET-7',
      'Notebook',
    ]),
    ...structure(
      4,
      0x30,
      {
        4: [1],
        5: [3],
        8: [0xea, 0x06, 0x09, 0x00, 0xff, 0xfb, 0xeb, 0xbf],
        22: [0x20, 0x0a],
        24: [0x41],
      },
      ['U3E1'],
    ),
    ...structure(4, 0x30, { 4: [1], 5: [3], 24: [0] }, ['empty socket']),
    ...structure(16, 0x17, { 5: [3], 13: [4, 0] }),
    ...structure(17, 0x28, { 12: [0x00, 0x40], 16: [1], 18: [26], 21: [0x6a, 0x0a] }, ['DIMM A']),
    ...structure(17, 0x28, { 12: [0xff, 0x7f], 16: [1], 28: [0, 0, 1, 0] }, ['DIMM B']),
    ...structure(17, 0x28, { 16: [1] }, ['empty slot']),
    ...structure(127, 4, {}),
  ]);
}
