import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where what real tools printed may lie; it is no part of the project. */
const folder = join(
  process.env['METALWRIGHT_SAMPLES'] ?? join(import.meta.dirname, '../../../../../shared/samples'),
  'transcripts',
);

/** A driver of a store, as dism lists it. */
interface ListedDriver {
  readonly published: string;
  readonly original: string;
  readonly className: string;
  readonly provider: string;
  readonly date: string | null;
  readonly version: string | null;
}
/** A volume, as manage-bde tells of it. */
interface ToldVolume {
  readonly method: string | null;
  readonly percent: number;
  readonly protectionOn: boolean;
  readonly protectors: readonly { readonly type: string }[];
}

/** How tools of Windows print, taken from what a real one printed where that is at hand. */
export interface PrintedForms {
  /** Whether the forms are those of real tools. */
  readonly seen: boolean;
  readonly diskpartHeader: string;
  diskTable(sizeBytes: number, gpt: boolean, selected: boolean): string;
  driverList(drivers: readonly ListedDriver[]): string;
  bitLockerStatus(drive: string, volume: ToldVolume): string;
}

export async function readPrintedForms(): Promise<PrintedForms> {
  const driverLabels = labelsOf(await transcript('dism-get-drivers.txt'), DRIVER_LABELS);
  const statusLabels = labelsOf(await transcript('manage-bde-status.txt'), STATUS_LABELS);
  const lines = await transcript('diskpart-aks-server2022-mbr.txt');
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
    driverList(drivers) {
      const blocks = drivers.map(({ published, original, className, provider, date, version }) =>
        filled(driverLabels, [
          published,
          original,
          'No',
          className,
          provider,
          date ?? '',
          fourParts(version),
        ]),
      );
      const end = 'The operation completed successfully.\r\n';
      return ['Driver packages listing:', '', ...blocks, end].join('\r\n');
    },
    bitLockerStatus(drive, { method, percent, protectionOn, protectors }) {
      const encrypted = percent === 100 ? 'Used Space Only Encrypted' : 'Encryption in Progress';
      const values = [
        '126,25 GB',
        method === null ? 'None' : '2.0',
        method === null ? 'Fully Decrypted' : encrypted,
        `${percent},0%`,
        method === null ? 'None' : 'XTS-AES 128',
        protectionOn ? 'Protection On' : 'Protection Off',
        'Unlocked',
        'Unknown',
        protectors.length === 0 ? 'None Found' : '',
      ];
      const below = protectors.map(({ type }) => `        ${type}`);
      return [`Volume ${drive} []`, '', filled(statusLabels, values), ...below, ''].join('\r\n');
    },
  };
}

const DRIVER_LABELS = [
  'Published Name : ',
  'Original File Name : ',
  'Inbox : ',
  'Class Name : ',
  'Provider Name : ',
  'Date : ',
  'Version : ',
];
const STATUS_LABELS = [
  '    Size:                 ',
  '    BitLocker Version:    ',
  '    Conversion Status:    ',
  '    Percentage Encrypted: ',
  '    Encryption Method:    ',
  '    Protection Status:    ',
  '    Lock Status:          ',
  '    Identification Field: ',
  '    Key Protectors:       ',
];

async function transcript(name: string): Promise<string[]> {
  const text = await readFile(join(folder, name), 'utf8').catch(() => '');
  return text.split(/\r?\n/);
}

/** Labels with all that stands before their values, as a real tool printed them; else those of the project. */
function labelsOf(lines: readonly string[], own: readonly string[]): readonly string[] {
  const [first = ''] = own;
  const at = lines.findIndex((line) => line.trimStart().startsWith(first.trim()));
  const labels = lines
    .slice(at, at + own.length)
    .flatMap((line) => /^.*?:\s*/.exec(line)?.[0] ?? []);
  return at !== -1 && labels.length === own.length ? labels : own;
}

function filled(labels: readonly string[], values: readonly string[]): string {
  return labels.map((label, at) => `${label}${values[at] ?? ''}\r\n`).join('');
}

/** \`1.2.3.4\`, which dism always prints in full. */
function fourParts(version: string | null): string {
  const parts = (version ?? '0').split('.');
  return [...parts, '0', '0', '0'].slice(0, 4).join('.');
}
