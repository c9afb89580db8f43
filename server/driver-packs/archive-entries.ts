/** What an archive says of one of its files. */
export interface ArchiveEntry {
  /** With `/`. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly isFolder: boolean;
  readonly isLink: boolean;
}

/** Reads what `7zz l -slt -ba` prints: a paragraph an entry, `Key = value` a line. Pure. */
export function parse7zList(text: string): ArchiveEntry[] {
  return text.split(/\r?\n\r?\n/).flatMap((paragraph) => {
    const facts = new Map<string, string>();
    for (const line of paragraph.split(/\r?\n/)) {
      const [, key, value] = /^([A-Za-z][A-Za-z ]*?) =(?: (.*))?$/.exec(line) ?? [];
      if (key !== undefined && !facts.has(key)) facts.set(key, value ?? '');
    }
    const path = facts.get('Path');
    if (path === undefined || path === '') return [];
    const attributes = facts.get('Attributes') ?? '';
    return [
      {
        path: path.replaceAll('\\', '/'),
        sizeBytes: Number(facts.get('Size') ?? 0) || 0,
        isFolder: facts.get('Folder') === '+' || attributes.startsWith('D'),
        isLink:
          /(?:^|\s)l[rwxsStT-]{9}/.test(attributes) ||
          (facts.get('Symbolic Link') ?? '') !== '' ||
          (facts.get('Hard Link') ?? '') !== '' ||
          /L/.test(attributes.split(' ')[0] ?? ''),
      },
    ];
  });
}

/** Reads what `innoextract --list --list-sizes` prints: ` - "app/x/y.inf" (1234)`. Pure. */
export function parseInnoList(text: string): ArchiveEntry[] {
  return [
    ...text.matchAll(/^ - "([^"\n]+)"(?: \[[^\]\n]*\])*(?: \(([\d.]+) ?([KMGT]?i?B)?\))?/gm),
  ].map(([, path = '', size = '0', unit = 'B']) => ({
    path: path.replaceAll('\\', '/'),
    sizeBytes: Number(size) * (UNITS[unit.slice(0, 1)] ?? 1),
    isFolder: false,
    isLink: false,
  }));
}

const UNITS: Readonly<Record<string, number>> = {
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
};

/** Why an entry must not be written to a folder; undefined where it may. Pure. */
export function entryProblem({ path, isLink }: ArchiveEntry): string | undefined {
  if (isLink) return 'is a link';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is an absolute path';
  if (path.split('/').includes('..')) return 'leads out of the folder';
  return path.includes('\0') ? 'has a zero byte in its name' : undefined;
}
