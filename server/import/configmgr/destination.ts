import { variableNameProblem } from '#agent/sequence/variables.ts';
import type { StepReader } from '../step-reader.ts';
import { argumentOf, driveOf, numberOf, tell, textOf } from './setting-values.ts';

/** `%OSDisk%` alone is what the variable OSDisk holds. */
const ONE_VARIABLE = /^%([^%\s]+)%$/;

/**
 * Where an image, or the like, goes: the variable, the drive, or the disk and partition that the step
 * names; else what its command line says behind `/target:`. Undefined: the next available partition.
 */
export function destinationOf(reader: StepReader): object | undefined {
  const variable = textOf(reader, 'DestinationVariable', 'OSDBitLockerDestinationVariable');
  const drive = driveOf(reader, 'DestinationLogicalDrive', 'OSDBitLockerDestinationLogicalDrive');
  const disk = numberOf(reader, 'DestinationDisk', 'OSDBitLockerDestinationDisk');
  const partition = numberOf(reader, 'DestinationPartition', 'OSDBitLockerDestinationPartition');
  if (variable !== undefined) return variableOf(reader, variable);
  if (drive !== undefined) return placeOf(drive);
  if (disk !== undefined && partition !== undefined) return { disk, partition };
  const target = argumentOf(reader, 'target') ?? argumentOf(reader, 'drive');
  return target === undefined ? undefined : placeOf(target);
}

/** No step could set a variable that is no legal one; a built-in one is. */
function variableOf(reader: StepReader, text: string): object | undefined {
  const name = ONE_VARIABLE.exec(text)?.[1] ?? text;
  if (name.includes('%') || variableNameProblem(name.replace(/^_+/, '')) === undefined)
    return { variable: name };
  tell(
    reader,
    `Its destination is in ${name.slice(0, 100)}, which is no name of a variable`,
    'Name the variable that a Format and Partition Disk step sets.',
  );
  return undefined;
}

function placeOf(text: string): object {
  const variable = ONE_VARIABLE.exec(text)?.[1];
  if (variable !== undefined) return { variable };
  const numbers = /^(\d{1,5}),(\d{1,3})$/.exec(text);
  if (numbers !== null) return { disk: Number(numbers[1]), partition: Number(numbers[2]) };
  return { drive: text };
}
