import { InfError } from './inf-error.ts';
import { type InfLine, parseLine, scanLine } from './inf-line.ts';

const MAX_LINES = 400_000;
const MAX_LINE = 32_768;
/** Characters that come in for tokens, in one file. */
const MAX_EXPANDED = 32 * 1024 * 1024;

/** The sections of an INF file by their names in lower case; parts of one section in several places are joined. */
export interface InfSections {
  /** Lines of a section with its tokens replaced; none where the file has not the section. */
  lines(name: string): readonly InfLine[];
  has(name: string): boolean;
  /** In lower case, as they stand in the file. */
  readonly names: readonly string[];
}

/**
 * Reads the text of an INF file: sections, comments, continued lines, `%tokens%`. Section names and keys are
 * compared without case. @throws {InfError} `inf.limit`
 */
export function parseInfSections(text: string): InfSections {
  const sections = new Map<string, InfLine[]>();
  for (const { heading, own } of logicalLines(text)) {
    const lines = sections.get(heading) ?? [];
    if (own) lines.push(own);
    sections.set(heading, lines);
  }
  const replace = tokenReplacer(stringTable(sections));
  const replaced = new Map<string, readonly InfLine[]>();
  return {
    names: [...sections.keys()],
    has: (name) => sections.has(name.toLowerCase()),
    lines(name) {
      const wanted = name.toLowerCase();
      const known = replaced.get(wanted);
      if (known) return known;
      const lines = (sections.get(wanted) ?? []).map((line) => ({
        ...line,
        key: line.key === null ? null : replace(line.key, line.line),
        values: line.values.map((value) => replace(value, line.line)),
      }));
      replaced.set(wanted, lines);
      return lines;
    },
  };
}

/** Value of the first line with that key, one value alone; null where there is none. */
export function infValue(sections: InfSections, section: string, key: string): string | null {
  const line = sections
    .lines(section)
    .find((each) => each.key?.toLowerCase() === key.toLowerCase());
  const value = line?.values[0] ?? '';
  return value === '' ? null : value;
}

function* logicalLines(text: string): Generator<{ heading: string; own: InfLine | null }> {
  let heading: string | null = null;
  let joined = '';
  let beganAt = 0;
  const physical = text.split(/\r\n|[\r\n\u0085\u2028\u2029]/);
  if (physical.length > MAX_LINES)
    throw new InfError('inf.limit', `${physical.length} lines, at most ${MAX_LINES}`);
  for (const [index, each] of physical.entries()) {
    if (each.length > MAX_LINE)
      throw new InfError('inf.limit', `A line of ${each.length} characters`, index + 1);
    const scanned = scanLine(each);
    if (joined === '') beganAt = index + 1;
    joined += scanned.text;
    if (joined.length > MAX_LINE)
      throw new InfError('inf.limit', `A continued line of over ${MAX_LINE} characters`, beganAt);
    if (scanned.goesOn && index + 1 < physical.length) continue;
    const line = joined.trim();
    joined = '';
    const name = /^\[\s*"?([^\]"]*)"?\s*\]/.exec(line)?.[1];
    if (name !== undefined) {
      heading = name.trim().toLowerCase();
      yield { heading, own: null };
    } else if (line !== '' && heading !== null) yield { heading, own: parseLine(line, beganAt) };
  }
}

type Strings = ReadonlyMap<string, string>;

/** English first, then the table without a language, then any other: names are for people who read logs. */
function stringTable(sections: ReadonlyMap<string, readonly InfLine[]>): Strings {
  const tables = [...sections.keys()].filter((name) => /^strings(?:\.|$)/.test(name));
  const order = ['strings.0409', 'strings.0009', 'strings'];
  const place = (name: string): number => (order.includes(name) ? order.indexOf(name) : 3);
  const table = new Map<string, string>();
  for (const name of tables.sort((one, other) => place(one) - place(other)))
    for (const { key, values } of sections.get(name) ?? []) {
      const token = key?.toLowerCase() ?? '';
      if (token !== '' && !table.has(token)) table.set(token, values.join(','));
    }
  return table;
}

/**
 * `%%` is a percent sign; a token without a string stays as it stands, as a directory number does: `%12%`.
 * What comes in for tokens is limited, for one value and for the whole file.
 */
function tokenReplacer(strings: Strings): (text: string, line: number) => string {
  let left = MAX_EXPANDED;
  return (text, line) => {
    if (!text.includes('%')) return text;
    let taken = 0;
    return text.replaceAll(/%([^%]*)%/g, (whole, token: string) => {
      if (token === '') return '%';
      const found = strings.get(token.trim().toLowerCase());
      if (found === undefined) return whole;
      taken += found.length;
      left -= found.length;
      if (taken > MAX_LINE || left < 0)
        throw new InfError('inf.limit', 'Strings that make a text too long', line);
      return found;
    });
  };
}
