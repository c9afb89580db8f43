/** One line of a section, tokens not yet replaced. */
export interface InfLine {
  /** Left of `=`; null where the line has no `=`. */
  readonly key: string | null;
  /** Right of it, or of the whole line, parted at commas outside of quotation marks. */
  readonly values: readonly string[];
  /** In the file, from 1. */
  readonly line: number;
}

/** What one physical line holds without its comment: pieces outside and inside of quotation marks. */
interface Scanned {
  readonly text: string;
  /** The line goes on below. */
  readonly goesOn: boolean;
}

/**
 * Takes the comment off a physical line, and the backslash at its end that joins it to the next one. A
 * quotation mark that is not closed ends with its line.
 */
export function scanLine(physical: string): Scanned {
  let quoted = false;
  let end = physical.length;
  for (let at = 0; at < physical.length; at += 1) {
    const letter = physical[at];
    if (letter === '"') quoted = !quoted;
    else if (letter === ';' && !quoted) {
      end = at;
      break;
    }
  }
  const text = physical.slice(0, end).trim();
  const goesOn = !quoted && text.endsWith('\\');
  return { text: goesOn ? text.slice(0, -1) : text + (quoted ? '"' : ''), goesOn };
}

/** Parts a logical line at its first `=` and at its commas; `""` within quotation marks is one of them. */
export function parseLine(text: string, line: number): InfLine {
  let key: string | null = null;
  const values: string[] = [];
  let part = '';
  /** Blanks at the edges go, but not those within quotation marks: up to here nothing is trimmed. */
  let kept = 0;
  let quoted = false;
  const take = (): string => {
    const value = part.slice(0, kept) + part.slice(kept).trimEnd();
    part = '';
    kept = 0;
    return value;
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    if (letter === '"') {
      if (quoted && text[at + 1] === '"') {
        part += letter;
        at += 1;
      } else quoted = !quoted;
      kept = part.length;
    } else if (quoted) {
      part += letter;
      kept = part.length;
    } else if (letter === '=' && key === null && values.length === 0) key = take();
    else if (letter === ',') values.push(take());
    else if (part !== '' || letter.trim() !== '') part += letter;
  }
  values.push(take());
  return { key, values, line };
}
