/** Letters three wide and five high, one octal digit a row, the highest bit to the left. */
const GLYPHS: Readonly<Record<string, string>> = {
  A: '25755',
  B: '65656',
  C: '34443',
  D: '65556',
  E: '74647',
  F: '74644',
  G: '34553',
  H: '55755',
  I: '72227',
  J: '11152',
  K: '55655',
  L: '44447',
  M: '57755',
  N: '65555',
  O: '75557',
  P: '65644',
  Q: '75571',
  R: '65655',
  S: '34216',
  T: '72222',
  U: '55557',
  V: '55552',
  W: '55775',
  X: '55255',
  Y: '55222',
  Z: '71247',
  '0': '75557',
  '1': '26227',
  '2': '71747',
  '3': '71717',
  '4': '55711',
  '5': '74717',
  '6': '74757',
  '7': '71122',
  '8': '75757',
  '9': '75717',
  '.': '00002',
  '-': '00700',
  ':': '02020',
  '/': '11244',
  ' ': '00000',
};

/**
 * A text as rows of `#` and blanks, to be read from two metres. Broken after dots and blanks where it
 * is too wide; letters are double width where they fit.
 */
export function bigLetters(text: string, columns: number): string[] {
  const words = text.toUpperCase().split(/(?<=[. ])/);
  const longest = Math.max(...words.map((word) => word.length));
  const scale = longest * 7 <= columns ? 2 : 1;
  const perLine = Math.max(1, Math.floor(columns / (3 * scale + 1)));
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && (last + word).trimEnd().length <= perLine)
      lines[lines.length - 1] = last + word;
    else lines.push(word);
  }
  return lines.flatMap((line, index) => {
    const rows = [0, 1, 2, 3, 4].map((row) =>
      line
        .slice(0, perLine)
        .split('')
        .map((letter) => glyphRow(letter, row, scale))
        .join(' '),
    );
    return index === 0 ? rows : ['', ...rows];
  });
}

function glyphRow(letter: string, row: number, scale: number): string {
  const bits = Number(GLYPHS[letter]?.[row] ?? 7);
  return [4, 2, 1].map((bit) => ((bits & bit) === 0 ? ' ' : '#').repeat(scale)).join('');
}
