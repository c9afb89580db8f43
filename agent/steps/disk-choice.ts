import { z } from 'zod';
import type { Disk } from '#agent/sequence/platform.ts';
import { StepError } from '#agent/sequence/step.ts';
import { wholeNumber } from './whole-number.ts';

const GB = 1024 ** 3;

/** Which disk: its number, a variable that holds the number, or a rule among the fixed disks. */
export const DiskChoice = z
  .union([
    wholeNumber(0, 10_000),
    z.strictObject({ variable: z.string().min(1).max(256) }),
    z.strictObject({
      choose: z.enum(['first', 'smallest', 'largest']),
      serial: z.string().min(1).max(256).optional(),
      minGb: wholeNumber(1, 1024 * 1024).optional(),
    }),
  ])
  .default(0)
  .meta({
    title: 'Disk number',
    description:
      'A number; { variable: name } that holds one; or { choose: first | smallest | largest, serial, minGb }.',
  });
type DiskChoice = z.output<typeof DiskChoice>;

/**
 * The disk that is meant.
 * @throws {StepError} `disk.missing`, `disk.variable`
 */
export function chooseDisk(
  choice: DiskChoice,
  disks: readonly Disk[],
  variable: (name: string) => string | undefined,
): Disk {
  if (typeof choice === 'object' && 'choose' in choice) return chooseByRule(choice, disks);
  const number = diskNumber(choice, variable);
  const found = disks.find((disk) => disk.number === number);
  if (found === undefined) throw missing(`disk ${number}`, disks);
  return found;
}

/** The number that a choice stands for; undefined for a rule. @throws {StepError} `disk.variable` */
function diskNumber(
  choice: Exclude<DiskChoice, { choose: string }>,
  variable: (name: string) => string | undefined,
): number {
  if (typeof choice === 'number') return choice;
  const name = choice.variable;
  const text = variable(name)?.trim();
  if (text === undefined || !/^\d{1,5}$/.test(text))
    throw new StepError(
      'disk.variable',
      `Cannot tell which disk is meant: ${name} ${text === undefined ? 'has no value' : `is "${text}"`}`,
      { hint: 'The variable holds the number of a disk, 0 for the first.' },
    );
  return Number(text);
}

function chooseByRule(
  { choose, serial, minGb = 0 }: Extract<DiskChoice, { choose: string }>,
  disks: readonly Disk[],
): Disk {
  const candidates = disks.filter(
    (disk) =>
      !disk.removable &&
      !disk.readOnly &&
      disk.sizeBytes >= minGb * GB &&
      (serial === undefined || disk.serial.trim().toLowerCase() === serial.trim().toLowerCase()),
  );
  candidates.sort((one, other) => {
    const bySize = choose === 'first' ? 0 : one.sizeBytes - other.sizeBytes;
    return (choose === 'largest' ? -bySize : bySize) || one.number - other.number;
  });
  const [found] = candidates;
  if (found !== undefined) return found;
  const wanted = [
    `the ${choose} fixed, writable disk`,
    ...(serial === undefined ? [] : [`with serial "${serial}"`]),
    ...(minGb === 0 ? [] : [`of at least ${minGb} GB`]),
  ];
  throw missing(wanted.join(' '), disks);
}

function missing(wanted: string, disks: readonly Disk[]): StepError {
  const seen = disks.map(
    ({ number, model, sizeBytes, readOnly, removable }) =>
      `${number} (${model}, ${sizeBytes} bytes${readOnly ? ', read-only' : ''}${removable ? ', removable' : ''})`,
  );
  return new StepError(
    'disk.missing',
    `There is no such disk: ${wanted}. This machine has ${seen.length === 0 ? 'no disks' : seen.join(', ')}`,
    {
      hint: 'Look for a storage controller without a driver (unclaimed devices of the machine), or correct the disk.',
      exitCode: 0x80070002,
    },
  );
}
