/**
 * Breaks a text at blanks into lines of at most `columns`; a word that is longer is cut. Control
 * characters, which names may hold, become blanks.
 * @param first what the first line begins with
 * @param rest what the others begin with
 */
export function wrapText(text: string, columns: number, first = '', rest = first): string[] {
  // oxlint-disable-next-line no-control-regex -- exactly the characters to take out
  const words = text
    .replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .split(' ')
    .filter(Boolean);
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of words) {
    let left = word;
    if (!isEmpty && line.length + 1 + left.length > columns) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    while (isEmpty && line.length + left.length > columns && columns > line.length) {
      const room = columns - line.length;
      lines.push(line + left.slice(0, room));
      left = left.slice(room);
      line = rest;
    }
    line += isEmpty ? left : ` ${left}`;
    isEmpty = false;
  }
  return [...lines, line.trimEnd()];
}
