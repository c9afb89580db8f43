import type { FoundFacts, PackText } from './pack-facts.ts';

/**
 * HP's SoftPaq: a `.cva` file, an INI text, is in it or beside it. `SysId01=0x8AB8` are the ids of boards, `SysName01`
 * the names of models, the keys of `[Operating Systems]` what it is for (`WT64_22H2`, `W11`). Undefined where there is none.
 */
export function hpFacts(_fileName: string, texts: readonly PackText[]): FoundFacts | undefined {
  const cva = texts.find(
    ({ name, text }) => /\.cva$/i.test(name) && /^\s*\[CVA File Information\]/im.test(text),
  );
  if (cva === undefined) return undefined;
  const sections = iniSections(cva.text);
  const system = sections.get('system information') ?? [];
  const valuesOf = (pattern: RegExp): string[] =>
    system
      .filter(({ key }) => pattern.test(key))
      .flatMap(({ value }) => value.split(',').map((each) => each.trim()))
      .filter((each) => each !== '');
  const boards = valuesOf(/^sysid\d+$/i).flatMap(
    (id) => /^(?:0x)?([0-9a-f]{4})$/i.exec(id)?.[1] ?? [],
  );
  const systems = (sections.get('operating systems') ?? []).map(({ key }) => key.toUpperCase());
  const version = sections
    .get('general')
    ?.find(({ key }) => /^version$/i.test(key))
    ?.value.trim();
  return {
    vendor: 'hp',
    ...(version === undefined || version === '' ? {} : { version }),
    models: unique(valuesOf(/^sysname\d+$/i).map((name) => name.replace(/^HP\s+/i, ''))),
    baseBoards: unique(boards.map((each) => each.toUpperCase())),
    windows: [
      // `WT64` is Windows 10, 64 bits; `W11` Windows 11 (HP Client Management Script Library).
      ...(systems.some((key) => /^WT(?:32|64)/.test(key)) ? (['windows-10'] as const) : []),
      ...(systems.some((key) => key.startsWith('W11')) ? (['windows-11'] as const) : []),
    ],
    architectures:
      systems.length > 0 && systems.every((key) => /^(?:WT64|W11)/.test(key)) ? ['x64'] : [],
  };
}

interface IniLine {
  readonly key: string;
  readonly value: string;
}

function iniSections(text: string): ReadonlyMap<string, readonly IniLine[]> {
  const sections = new Map<string, IniLine[]>();
  let lines: IniLine[] = [];
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\s*\[([^\]]+)\]/.exec(line)?.[1];
    if (heading !== undefined) {
      lines = sections.get(heading.trim().toLowerCase()) ?? [];
      sections.set(heading.trim().toLowerCase(), lines);
      continue;
    }
    const [, key, value] = /^\s*([^=;]+?)\s*=(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) lines.push({ key, value });
  }
  return sections;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
