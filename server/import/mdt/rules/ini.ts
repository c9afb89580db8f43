/**
 * Rules files of MDT (CustomSettings.ini, Bootstrap.ini), read as MDT's own scripts read them: of two
 * sections or keys with one name the first counts, a header is a line of `[name]` alone, and nothing in a
 * value is a comment. What MDT would not see is kept as a note, so that nothing is dropped in silence.
 */
import { ImportError } from '../../import-error.ts';
import { decodeText } from '../../read/decode-text.ts';

export interface IniEntry {
  /** As written; compared without case. */
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

export interface IniSection {
  readonly name: string;
  readonly line: number;
  /** By key in lower case, in the order of the file. */
  readonly entries: ReadonlyMap<string, IniEntry>;
}

export interface IniFile {
  /** By name in lower case, in the order of the file. */
  readonly sections: ReadonlyMap<string, IniSection>;
  /** Lines that MDT does not see. */
  readonly notes: readonly { readonly line: number; readonly message: string }[];
}

/** A rules file of thousands of machines by their MAC address is as large as this. */
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_LINES = 200_000;
const MAX_NOTES = 200;

/**
 * Reads a rules file of any encoding.
 * @throws {ImportError} `mdt.rules-too-large`, `import.not-text`, `import.encoding`
 */
export function readIni(bytes: Uint8Array, from: string): IniFile {
  if (bytes.length > MAX_BYTES)
    throw new ImportError(
      'mdt.rules-too-large',
      `${from}: the rules have ${bytes.length} bytes, ${MAX_BYTES} at most are read`,
    );
  return parseIni(decodeText(bytes, from, { fallback: 'windows-1252' }));
}

/**
 * Reads the text of a rules file.
 * @throws {ImportError} `mdt.rules-too-large`
 */
export function parseIni(text: string): IniFile {
  const sections = new Map<string, IniSection & { entries: Map<string, IniEntry> }>();
  const notes: { line: number; message: string }[] = [];
  const note = (line: number, message: string): void => {
    if (notes.length < MAX_NOTES) notes.push({ line, message });
  };
  const lines = text.split(/\r\n|\r|\n/, MAX_LINES + 1);
  if (lines.length > MAX_LINES)
    throw new ImportError('mdt.rules-too-large', `the rules have more than ${MAX_LINES} lines`);
  /** Undefined outside of any section that counts. */
  let section: (IniSection & { entries: Map<string, IniEntry> }) | undefined;
  for (const [index, written] of lines.entries()) {
    const line = index + 1;
    const read = written.replaceAll('\0', '').trim();
    if (read === '' || isComment(read)) continue;
    if (read.startsWith('[')) {
      section = undefined;
      const name = /^\[(.+)\]$/.exec(read)?.[1];
      if (name === undefined) note(line, `"${shown(read)}" is no header of a section`);
      else if (sections.has(name.toLowerCase()))
        note(line, `there is a section [${shown(name)}] before; this one is not read`);
      else {
        section = { name, line, entries: new Map() };
        sections.set(name.toLowerCase(), section);
      }
      continue;
    }
    const equals = read.indexOf('=');
    const key = read.slice(0, Math.max(equals, 0)).trim();
    if (equals < 0 || key === '') note(line, `"${shown(read)}" sets nothing`);
    else if (section?.entries.has(key.toLowerCase()) === true)
      note(line, `${shown(key)} stands in [${section.name}] before; this one is not read`);
    else
      section?.entries.set(key.toLowerCase(), { key, value: read.slice(equals + 1).trim(), line });
  }
  return { sections, notes };
}

function isComment(line: string): boolean {
  return /^(?:[;'#]|\/\/|rem\b)/i.test(line);
}

/** A few characters of a line: it may be anything, and hold a secret behind its `=`. */
function shown(text: string): string {
  const [before = ''] = text.split('=');
  return before.length > 60 ? `${before.slice(0, 60)}…` : before;
}
