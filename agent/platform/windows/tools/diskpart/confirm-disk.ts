import { StepError } from '../../../../sequence/step-error.ts';
import { parseDiskDetail } from './detail.ts';
import { parseDisks } from './rows.ts';

/** A disk as it was when it was chosen. */
export interface ExpectedDisk {
  /** Its number then, which may be another disk's after a restart, or when one is plugged in. */
  readonly number: number;
  /** GUID or signature in lower case, without braces; null when it had no table. */
  readonly uniqueId: string | null;
  readonly sizeBytes: number;
  /** As diskpart names it; null where that was not asked for. */
  readonly model: string | null;
  readonly locationPath: string | null;
}

/** The script whose output `confirmDisk` reads; to be run right before the one that erases. */
export function confirmDiskScript(number: number): string {
  return `select disk ${number}\r\nlist disk\r\ndetail disk\r\n`;
}

/**
 * Whether the number still means the disk that was chosen: diskpart knows disks by number only, and a
 * script cannot ask. Id, size, model and place must agree, as far as they were known.
 * @throws {StepError} `diskpart.other-disk`, `diskpart.output`
 */
export function confirmDisk(output: string, expected: ExpectedDisk): void {
  const rows = parseDisks(output);
  const row = rows.find(({ number }) => number === expected.number);
  if (!row?.selected) throw other(expected, `diskpart lists ${rows.length} disks, not this one`);
  const { uniqueId, model, locationPath } = parseDiskDetail(output);
  const { bytes, precisionBytes } = row.size;
  if (Math.abs(bytes - expected.sizeBytes) > precisionBytes)
    throw other(expected, `it has about ${bytes} bytes, not ${expected.sizeBytes}`);
  if (uniqueId !== expected.uniqueId)
    throw other(expected, `its id is ${uniqueId ?? 'none'}, not ${expected.uniqueId ?? 'none'}`);
  if (expected.model !== null && model !== expected.model)
    throw other(expected, `it is a "${model}", not a "${expected.model}"`);
  if (expected.locationPath !== null && locationPath !== expected.locationPath)
    throw other(
      expected,
      `it is at ${locationPath ?? 'no place'}, not at ${expected.locationPath}`,
    );
}

function other({ number, model }: ExpectedDisk, found: string): StepError {
  return new StepError(
    'diskpart.other-disk',
    `Disk ${number} is not the disk that was chosen${model === null ? '' : ` (${model})`}: ${found}`,
    {
      hint: 'Nothing was written. A disk was plugged in or removed meanwhile: run the step again.',
    },
  );
}
