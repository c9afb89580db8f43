interface PrintedField {
  readonly text: string;
  /** Of its column, which the text may be longer than. */
  readonly width: number;
  readonly align: 'left' | 'right';
}

/**
 * A row as diskpart lays it out: the star's place, the word with its number on three places, then fields two
 * blanks apart. Widths count characters, as its `printf` does.
 */
export function printedRow(
  first: { readonly word: string; readonly number: number; readonly selected?: boolean },
  fields: readonly PrintedField[],
): string {
  const head = `${first.selected ? '*' : ' '} ${first.word} ${String(first.number).padEnd(3)}`;
  const cells = fields.map(({ text, width, align }) =>
    align === 'left' ? text.padEnd(width) : text.padStart(width),
  );
  return [head, ...cells].join('  ').trimEnd();
}

/** A table: headers cut to nothing, a line of dashes of these widths, rows. */
export function printedTable(
  headers: readonly string[],
  widths: readonly number[],
  rows: readonly string[],
): string {
  const header = headers.map((text, index) => text.padEnd(widths[index] ?? 0)).join('  ');
  const dashes = widths.map((width) => '-'.repeat(width)).join('  ');
  return ['', `  ${header.trimEnd()}`, `  ${dashes}`, ...rows, '', ''].join('\r\n');
}
