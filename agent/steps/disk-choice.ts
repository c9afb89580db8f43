import { z } from 'zod';
import { type Disk, diskBuses } from '#agent/sequence/platform.ts';
import { StepError } from '#agent/sequence/step.ts';
import { matchesWildcard } from '#agent/sequence/wildcard.ts';
import { describeDisk } from './describe-disk.ts';
import { wholeNumber } from './whole-number.ts';

const GB = 1024 ** 3;
const Pattern = z.string().min(1).max(256);

const DiskRule = z
  .strictObject({
    choose: z.enum(['first', 'smallest', 'largest', 'only']),
    bus: z.array(z.enum(diskBuses)).min(1).optional(),
    model: Pattern.optional(),
    serial: Pattern.optional(),
    minGb: wholeNumber(1, 1024 * 1024).optional(),
    maxGb: wholeNumber(1, 1024 * 1024).optional(),
  })
  .refine(({ minGb = 1, maxGb = Infinity }) => minGb <= maxGb, {
    path: ['maxGb'],
    message: 'is less than minGb: no disk has such a size',
  });

/** Which disk: its number, a variable that holds the number, or a rule among the disks of the machine. */
export const DiskChoice = z
  .union([
    wholeNumber(0, 10_000),
    z.strictObject({ variable: z.string().min(1).max(256) }),
    DiskRule,
  ])
  .default(0)
  .meta({
    title: 'Disk number',
    description:
      'A number; { variable: name } that holds one; or { choose: first | smallest | largest | only } among the writable disks that fit all that is said of bus (a list), model and serial (* stands for any text), minGb and maxGb. With only, several that fit are refused.',
  });
type DiskChoice = z.output<typeof DiskChoice>;
type DiskRule = Extract<DiskChoice, { choose: string }>;

/** What a step may erase beside the disks that are fixed. */
export interface DiskAllowance {
  readonly removable: boolean;
  readonly bootMedium: boolean;
}

/**
 * The disk that is meant. What is removable or the boot medium is taken by no rule unless it is allowed and the
 * rule says which disk it means: by bus, model or serial.
 * @throws {StepError} `disk.missing`, `disk.variable`, `disk.ambiguous`, `disk.removable`, `disk.boot-medium`, `disk.read-only`
 */
export function chooseDisk(
  choice: DiskChoice,
  disks: readonly Disk[],
  {
    variable,
    allow,
  }: {
    readonly variable: (name: string) => string | undefined;
    readonly allow: DiskAllowance;
  },
): Disk {
  if (typeof choice === 'object' && 'choose' in choice) return chooseByRule(choice, disks, allow);
  const number = diskNumber(choice, variable);
  const found = disks.find((disk) => disk.number === number);
  if (found === undefined) throw missing(`disk ${number}`, disks);
  assertErasable(found, allow);
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

function chooseByRule(rule: DiskRule, disks: readonly Disk[], allow: DiskAllowance): Disk {
  const { choose } = rule;
  const fitting = disks.filter((disk) => fits(disk, rule));
  const names = rule.bus !== undefined || rule.model !== undefined || rule.serial !== undefined;
  const candidates = fitting
    .filter(
      ({ removable, bootMedium = false, readOnly }) =>
        !readOnly &&
        (!removable || (names && allow.removable)) &&
        (!bootMedium || (names && allow.bootMedium)),
    )
    .toSorted((one, other) => {
      const isBySize = choose === 'smallest' || choose === 'largest';
      const bySize = isBySize ? one.sizeBytes - other.sizeBytes : 0;
      return (choose === 'largest' ? -bySize : bySize) || one.number - other.number;
    });
  const [found, second] = candidates;
  if (found === undefined) {
    // The one disk that is named says best why it is not taken.
    const [only, another] = fitting;
    if (names && only !== undefined && another === undefined) assertErasable(only, allow);
    throw missing(`the ${choose} fixed, writable disk${conditionsOf(rule)}`, disks);
  }
  if (choose === 'only' && second !== undefined)
    throw new StepError(
      'disk.ambiguous',
      `${candidates.length} disks are meant by "the only disk${conditionsOf(rule)}": ${candidates.map(describeDisk).join('; ')}`,
      { hint: 'Say more of the disk: bus, model, serial, minGb, maxGb; or choose the first.' },
    );
  return found;
}

function fits(
  { bus, model, serial, sizeBytes }: Disk,
  rule: Pick<DiskRule, 'bus' | 'model' | 'serial' | 'minGb' | 'maxGb'>,
): boolean {
  return (
    sizeBytes >= (rule.minGb ?? 0) * GB &&
    sizeBytes <= (rule.maxGb ?? Infinity) * GB &&
    (rule.bus === undefined || rule.bus.includes(bus ?? 'other')) &&
    (rule.model === undefined || matches(model, rule.model)) &&
    (rule.serial === undefined || matches(serial, rule.serial))
  );
}

/** Without case and without blanks around: makers pad both. */
function matches(text: string, pattern: string): boolean {
  const marks = Array.from(pattern.trim().toLowerCase(), (mark) =>
    mark === '*' ? ('run' as const) : (character: string) => character === mark,
  );
  return matchesWildcard(text.trim().toLowerCase(), marks);
}

function conditionsOf({ bus, model, serial, minGb, maxGb }: DiskRule): string {
  return [
    bus && ` on ${bus.join(' or ')}`,
    model && ` of model "${model}"`,
    serial && ` with serial "${serial}"`,
    minGb && ` of at least ${minGb} GB`,
    maxGb && ` of at most ${maxGb} GB`,
  ]
    .filter((part) => part !== undefined)
    .join('');
}

/** @throws {StepError} `disk.read-only`, `disk.removable`, `disk.boot-medium` */
function assertErasable(disk: Disk, allow: DiskAllowance): void {
  const { number, model, readOnly, removable, bootMedium = false } = disk;
  if (readOnly)
    throw new StepError('disk.read-only', `Disk ${number} (${model}) is read-only`, {
      hint: 'Look for a write-protect switch, or replace the disk: worn-out disks lock themselves.',
      exitCode: 0x80070013,
    });
  if (bootMedium && !allow.bootMedium)
    throw new StepError(
      'disk.boot-medium',
      `Disk ${number} (${model}) is what this machine was started from`,
      { hint: 'Unplug it, choose another disk, or set allowBootMedium if it is meant.' },
    );
  if (removable && !allow.removable)
    throw new StepError('disk.removable', `Disk ${number} (${model}) is removable`, {
      hint: 'Unplug it, choose another disk, or set allowRemovable if it is meant.',
    });
}

function missing(wanted: string, disks: readonly Disk[]): StepError {
  const seen = disks.map(({ number, model, sizeBytes, bus, readOnly, ...disk }) => {
    const facts = [
      model,
      `${sizeBytes} bytes`,
      ...(bus === undefined || bus === 'other' ? [] : [bus]),
      ...(readOnly ? ['read-only'] : []),
      ...(disk.removable ? ['removable'] : []),
      ...(disk.bootMedium === true ? ['started from'] : []),
    ];
    return `${number} (${facts.join(', ')})`;
  });
  return new StepError(
    'disk.missing',
    `There is no such disk: ${wanted}. This machine has ${seen.length === 0 ? 'no disks' : seen.join(', ')}`,
    {
      hint: 'Look for a storage controller without a driver (unclaimed devices of the machine), or correct the disk.',
      exitCode: 0x80070002,
    },
  );
}
