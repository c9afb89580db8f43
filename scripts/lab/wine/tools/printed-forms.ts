import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where what real tools printed may lie; it is no part of the project. */
const folder = join(
  process.env['METALWRIGHT_SAMPLES'] ?? join(import.meta.dirname, '../../../../../shared/samples'),
  'transcripts',
);

/** How tools of Windows print, taken from what a real one printed where that is at hand. */
export interface PrintedForms {
  /** Whether the forms are those of real tools. */
  readonly seen: boolean;
  readonly diskpartHeader: string;
  diskTable(sizeBytes: number, gpt: boolean, selected: boolean): string;
}

export async function readPrintedForms(): Promise<PrintedForms> {
  const text = await readFile(join(folder, 'diskpart-aks-server2022-mbr.txt'), 'utf8').catch(
    () => '',
  );
  const lines = text.split(/\r?\n/);
  const dashes = lines.findIndex((line) => /^ +-{3,}(?: +-{3,}){5}$/.test(line));
  const [header, rule, row] = lines.slice(dashes - 1, dashes + 2);
  const banner = lines.slice(
    0,
    lines.findIndex((line) => line.startsWith('DISKPART>')),
  );
  const seen = dashes > 0 && header !== undefined && rule !== undefined && row !== undefined;
  const columns = [
    ...(seen ? rule : '  --------  -------------  -------  -------  ---  ---').matchAll(/-+/g),
  ];
  const cells = (texts: readonly string[]): string =>
    columns.reduce((line, { index, 0: { length } }, at) => {
      const cell = texts[at] ?? '';
      // Sizes stand at the right of their columns.
      return (
        line.padEnd(index) +
        (at === 2 || at === 3 ? cell.padStart(length) : at > 3 ? ` ${cell}` : cell)
      );
    }, '');
  return {
    seen,
    diskpartHeader: seen
      ? `\r\n${banner.join('\r\n')}`
      : '\r\nMicrosoft DiskPart version 10.0.26100.1\r\n',
    diskTable(sizeBytes, gpt, selected) {
      const size = `${Math.round(sizeBytes / 1024 ** 3)} GB`;
      const first = cells(['Disk 0', 'Online', size, '0 B', '', gpt ? '*' : '']);
      const star = selected ? `*${first.slice(1)}` : first;
      return [
        '',
        seen ? header : '  Disk ###  Status         Size     Free     Dyn  Gpt',
        seen
          ? rule
          : columns
              .map(({ 0: each }) => each)
              .join('  ')
              .padStart(2),
        star,
        '',
      ].join('\r\n');
    },
  };
}
