/** One object as bcdedit prints it. Headings, the word "identifier" and Yes and No are in the language of Windows. */
export interface BcdeditSection {
  readonly title: string;
  /** As printed: `{bootmgr}`, `{current}`, or a GUID in braces. */
  readonly identifier: string;
  /** By name, which is English everywhere; a setting may have several values. */
  readonly settings: ReadonlyMap<string, readonly string[]>;
}

interface OpenSection {
  readonly title: string;
  readonly identifier: string;
  readonly settings: Map<string, string[]>;
  /** The values of the setting that was read last. */
  last: string[] | undefined;
}

/** A prompt of cmd or PowerShell: what was printed ends there, with no empty line. */
const PROMPT = /^(?:PS )?[a-z]:\\[^>]*>/i;

/**
 * Reads what `bcdedit /enum` prints, in any language: a section begins where a heading is followed by an
 * identifier, with a line of dashes between them or without. All else, as prompts and errors, is passed over.
 */
export function parseBcdedit(output: string): BcdeditSection[] {
  const sections: OpenSection[] = [];
  let heading: string | undefined;
  let open: OpenSection | undefined;
  for (const ended of output.split(/\r\n|[\r\n]/)) {
    const line = ended.trimEnd();
    const identifier = heading === undefined || open ? undefined : identifierOf(line);
    if (line === '' || PROMPT.test(line)) {
      open = undefined;
      heading = undefined;
    } else if (/^-{3,}$/.test(line.trimStart())) {
      // Without an empty line before it, a heading was taken for a setting of the section above.
      heading = open === undefined ? heading : takeBack(open);
      open = undefined;
    } else if (open !== undefined) {
      readSetting(open, line);
    } else if (identifier !== undefined) {
      open = { title: heading ?? '', identifier, settings: new Map(), last: undefined };
      sections.push(open);
      heading = undefined;
    } else heading = line.trim();
  }
  return sections.map(({ title, identifier, settings }) => ({ title, identifier, settings }));
}

/** What is in braces in the line below a heading: words of any language stand before it. */
function identifierOf(line: string): string | undefined {
  const at = line.search(/\{[^{}\s]+\}$/);
  const label = line.slice(0, Math.max(at, 0));
  return label.trim() !== '' && /^\S/.test(label) && /\s$/.test(label) ? line.slice(at) : undefined;
}

/** A name with a value, or, indented, one more value of the setting above. */
function readSetting(section: OpenSection, line: string): void {
  const nameEnd = line.search(/\s/);
  const value = nameEnd < 0 ? '' : line.slice(nameEnd).trim();
  if (nameEnd === 0) section.last?.push(value);
  else {
    section.last = value === '' ? [] : [value];
    section.settings.set(nameEnd < 0 ? line : line.slice(0, nameEnd), section.last);
  }
}

function takeBack({ settings }: OpenSection): string | undefined {
  const entry = [...settings].at(-1);
  if (entry === undefined) return undefined;
  settings.delete(entry[0]);
  return [entry[0], ...entry[1]].join(' ');
}
