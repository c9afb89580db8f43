/** Values of a source step's properties as the steps here take them; what is no value stays as it is written. */
import type { ContentReference } from '#agent/sequence/references.ts';
import type { ReferenceKind } from '#agent/sequence/step.ts';
import type { StepReader } from '../step-reader.ts';

type Names = readonly [string, ...string[]];

/** A switch: true or false, else its text. Undefined where it is missing. */
export function switchOf(reader: StepReader, ...names: Names): boolean | string | undefined {
  return reader.flag(...names) ?? textOf(reader, ...names);
}

/** A switch that is not what the step does anyway; what is neither true nor false is its text. */
export function switchBeside(
  reader: StepReader,
  standard: boolean,
  ...names: Names
): boolean | string | undefined {
  const value = switchOf(reader, ...names);
  return value === standard ? undefined : value;
}

/** A number, else its text. Undefined where it is missing. */
export function numberOf(reader: StepReader, ...names: Names): number | string | undefined {
  return reader.number(...names) ?? textOf(reader, ...names);
}

/** A text without blanks around it. Undefined where it is missing or has nothing else. */
export function textOf(reader: StepReader, ...names: Names): string | undefined {
  const text = reader.text(...names)?.trim();
  return text === '' ? undefined : text;
}

/** A list in one text, by commas or semicolons. Undefined where it is missing. */
export function listOf(reader: StepReader, ...names: Names): readonly string[] | undefined {
  const text = textOf(reader, ...names);
  if (text === undefined) return undefined;
  const parts = text.split(/[,;]/).map((part) => part.trim());
  return parts.filter(Boolean);
}

/** A logical drive: `d`, `D:` and `D:\` are `D:`. */
export function driveOf(reader: StepReader, ...names: Names): string | undefined {
  const text = textOf(reader, ...names);
  const letter = text === undefined ? undefined : /^([a-z]):?\\?$/i.exec(text)?.[1];
  return letter === undefined ? text : `${letter.toUpperCase()}:`;
}

/** What the command line of the step says behind `/name:`, where its properties are not in the file. */
export function argumentOf(reader: StepReader, name: string): string | undefined {
  const found = [...reader.step.action.matchAll(/\/([a-z]+):([^\s"]+)/gi)];
  return found.find(([, each]) => each?.toLowerCase() === name)?.[2];
}

/** The package behind `/name:` in the command line, `CHQ00019` of `/install:CHQ00019,%Index%`. */
function packageArgument(reader: StepReader, name: string): string | undefined {
  const found = argumentOf(reader, name)?.split(',')[0];
  return found !== undefined && /^[a-z0-9]{8}$/i.test(found) ? found : undefined;
}

/** A package that the step may have: by its properties, else by its command line. */
export function packageOf(
  reader: StepReader,
  kind: ReferenceKind,
  { names, argument }: PackagePlace,
): ContentReference | undefined {
  if (reader.text(...names) !== undefined) return reader.reference(kind, ...names);
  const id = argument === undefined ? undefined : packageArgument(reader, argument);
  return id === undefined ? undefined : reader.referTo(kind, id);
}

/** One that it cannot be without. */
export function requiredPackage(
  reader: StepReader,
  kind: ReferenceKind,
  { what, ...place }: PackagePlace & { readonly what: string },
): ContentReference {
  return packageOf(reader, kind, place) ?? reader.required(kind, what, ...place.names);
}

/** Where the id of a package stands. */
interface PackagePlace {
  readonly names: Names;
  readonly argument?: string;
}

/** Something of a setting that a person must know. */
export function tell(reader: StepReader, message: string, hint?: string): void {
  reader.need({ kind: 'setting', message, ...(hint === undefined ? {} : { hint }) });
}
