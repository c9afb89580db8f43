/**
 * What steps say of the Windows to come, from where they run to Setup Windows: in variables of the run that
 * sequences and scripts cannot set. They are secret, as there are passwords and keys in them: sealed in the
 * journal and the history, in no environment, and nothing of them is on a disk before the answer file is.
 */
import { z } from 'zod';
import { PackageId } from '../protocol/identity.ts';
import { StepError } from '../sequence/step-error.ts';
import type { StepVariables } from '../sequence/step-variables.ts';

/** One kind of settings: the variable that holds it, and what it must be like. */
interface Kept<Value> {
  readonly name: string;
  readonly schema: z.ZodType<Value>;
}

/** Apply Windows Settings, as its params are when their variables are in. */
export const keptWindowsSettings: Kept<Readonly<Record<string, unknown>>> = {
  name: '_OSDWindowsSettings',
  schema: z.record(z.string(), z.unknown()),
};
/** Apply Network Settings: the last one of the run counts, as a whole. */
export const keptNetworkSettings: Kept<Readonly<Record<string, unknown>>> = {
  name: '_OSDNetworkSettings',
  schema: z.record(z.string(), z.unknown()),
};
/** The answer file and the keyboard driver of Apply Operating System Image. */
export const keptAnswerFile = {
  name: '_OSDAnswerFile',
  schema: z.object({
    file: z.object({ packageId: PackageId, path: z.string() }).nullable(),
    layeredDriver: z.int(),
  }),
} satisfies Kept<unknown>;
/** Folders of the new Windows with drivers that it takes in when it sets itself up. */
export const keptStagedDrivers = {
  name: '_OSDStagedDrivers',
  schema: z.array(z.string()),
} satisfies Kept<unknown>;

/** Keeps settings for Setup Windows; those of the same kind from before are gone. */
export function keep<Value>(variables: StepVariables, kept: Kept<Value>, value: Value): void {
  variables.setOwn(kept.name, JSON.stringify(value), { secret: true });
}

/** What was kept; undefined where no step said anything. @throws {StepError} `windows.kept-settings` */
export function keptBy<Value>(variables: StepVariables, kept: Kept<Value>): Value | undefined {
  const text = variables.value(kept.name);
  if (text === undefined) return undefined;
  try {
    return kept.schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new StepError('windows.kept-settings', `The variable ${kept.name} cannot be read`, {
      hint: 'It was kept by another version of the agent: deploy the machine again.',
      cause,
    });
  }
}

/** One more folder with drivers for specialize, `C:\Windows\Metalwright\Drivers\1`. */
export function addStagedDrivers(variables: StepVariables, folder: string): void {
  const folders = keptBy(variables, keptStagedDrivers) ?? [];
  keep(variables, keptStagedDrivers, [...folders.filter((each) => each !== folder), folder]);
}

/** Another image has been applied: what lay on the volume is gone. */
export function forgetStagedDrivers(variables: StepVariables): void {
  variables.setOwn(keptStagedDrivers.name, '');
}

/** What the second half of Setup Windows, in the new Windows, has to know of the first. */
export const keptSetup = {
  name: '_OSDWindowsSetup',
  schema: z.object({
    /** The local administrator: with a random password it is disabled, with a given one enabled. */
    administrator: z.enum(['disable', 'enable', 'leave']),
  }),
} satisfies Kept<unknown>;

/** Setup Windows is through: a second one needs another first half. */
export function forgetSetup(variables: StepVariables): void {
  variables.setOwn(keptSetup.name, '');
}
