import type { FileSystem, PartitionType } from '../sequence/platform.ts';

/** One row for each kind of partition: GPT type GUID (UEFI 5.3.3, Microsoft's) and MBR type byte, both lower case. */
interface Row {
  readonly type: PartitionType;
  readonly fileSystem: FileSystem | 'any';
  readonly gpt: string;
  readonly mbr: string;
}

const BASIC_DATA = 'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7';
const LINUX_DATA = '0fc63daf-8483-4772-8e79-3d69d8477de4';

const rows: readonly Row[] = [
  { type: 'efi', fileSystem: 'any', gpt: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b', mbr: 'ef' },
  { type: 'msr', fileSystem: 'any', gpt: 'e3c9e316-0b5c-4db8-817d-f92df00215ae', mbr: '7' },
  { type: 'recovery', fileSystem: 'any', gpt: 'de94bba4-06d1-4d40-a16a-bfd50179d6ac', mbr: '27' },
  { type: 'extended', fileSystem: 'any', gpt: '', mbr: 'f' },
  { type: 'hidden', fileSystem: 'any', gpt: BASIC_DATA, mbr: '17' },
  { type: 'primary', fileSystem: 'ext4', gpt: LINUX_DATA, mbr: '83' },
  { type: 'primary', fileSystem: 'fat32', gpt: BASIC_DATA, mbr: 'c' },
  { type: 'primary', fileSystem: 'any', gpt: BASIC_DATA, mbr: '7' },
  { type: 'logical', fileSystem: 'ext4', gpt: '', mbr: '83' },
  { type: 'logical', fileSystem: 'fat32', gpt: '', mbr: 'c' },
  { type: 'logical', fileSystem: 'any', gpt: '', mbr: '7' },
];

/** GPT attribute bit 62: hidden (Microsoft's basic data partitions). */
export const GPT_HIDDEN_BIT = 62;

/** Type code to write for a partition; undefined where that table has none of the kind. */
export function typeCode(
  style: 'gpt' | 'mbr',
  type: PartitionType,
  fileSystem: FileSystem | undefined,
): string | undefined {
  const row = rows.find(
    (row) => row.type === type && (row.fileSystem === 'any' || row.fileSystem === fileSystem),
  );
  const code = row?.[style];
  return code === '' ? undefined : code;
}

/** Kind of a partition as read: `scheme` and `code` as partx prints them, `hidden` from the attributes. */
export function partitionTypeOf(
  scheme: string,
  code: string,
  { number, hidden }: { readonly number: number; readonly hidden: boolean },
): PartitionType | 'other' {
  if (scheme === 'gpt') {
    if (code === BASIC_DATA && hidden) return 'hidden';
    if (code === LINUX_DATA) return 'primary';
    if (code === BASIC_DATA) return 'primary';
    return rows.find(({ gpt }) => gpt === code)?.type ?? 'other';
  }
  const byte = code.replace(/^0x/, '');
  if (byte === '5' || byte === 'f') return 'extended';
  if (['ef', '27', '17'].includes(byte))
    return rows.find(({ mbr }) => mbr === byte)?.type ?? 'other';
  if (['7', 'c', 'b', '83'].includes(byte)) return number > 4 ? 'logical' : 'primary';
  return 'other';
}
