/**
 * Breaks a text at blanks into lines of at most `columns`; a word that is longer is cut. Control
 * characters, which names may hold, become blanks.
 * @param first what the first line begins with
 * @param rest what the others begin with
 */
export function wrapText(text: string, columns: number, first = '', rest = first): string[] {
  const longest = Math.max(1, columns - Math.max(first.length, rest.length));
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of wordsOf(text, longest)) {
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].map((each) => each.trimEnd());
}

function* wordsOf(text: string, longest: number): Generator<string> {
  // oxlint-disable-next-line no-control-regex
  const words = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').split(' ');
  for (const word of words)
    for (let at = 0; at < word.length; at += longest) yield word.slice(at, at + longest);
}
