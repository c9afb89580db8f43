/** Settings that Run Command Line and Run PowerShell Script have in common, and their variables. */
import { z } from 'zod';
import {
  badPreset,
  booleanOf,
  checkPreset,
  plainActionVariables,
} from '#agent/sequence/action-variables.ts';
import { ContentReference } from '#agent/sequence/references.ts';
import type { ActionVariables } from '#agent/sequence/step.ts';
import { VARIABLE_MARK, variableNameProblem } from '#agent/sequence/variables.ts';
import { Account } from './account.ts';
import { wholeNumber } from './whole-number.ts';

/** ERROR_SUCCESS_REBOOT_REQUIRED: the program asks for a restart, and must not restart by itself. */
export const REBOOT_REQUIRED = 3010;

/**
 * An exit code as Windows has it: 32 bits without sign. HRESULTs are written with a sign too
 * (0x80070005 is 2147942405 and -2147024891), and text may be hexadecimal.
 */
const ExitCode = z
  .preprocess((value) => {
    const isNumeral =
      typeof value === 'string' && /^\s*(-?\d{1,10}|0x[\da-f]{1,8})\s*$/i.test(value);
    const code = isNumeral ? Number(value) : value;
    return typeof code === 'number' && code < 0 && code >= -0x8000_0000 ? unsigned(code) : code;
  }, z.int().min(0).max(0xffff_ffff))
  .meta({ minimum: -0x8000_0000 });

/** A code as 32 bits without sign. */
export function unsigned(code: number): number {
  return code >>> 0;
}

/** Codes may be one text, `0 3010`, as Configuration Manager writes them. */
function readList(value: unknown): unknown {
  const isList = typeof value === 'string' && value.search(VARIABLE_MARK) < 0;
  return isList ? value.split(/[\s,]+/).filter(Boolean) : value;
}

/** No NUL: the system takes it for the end of a text. */
export const LineText = z.string().refine((text) => !text.includes('\0'), 'has a NUL in it');

const WorkingDirectory = LineText.max(255);

/** The settings themselves, to be spread into the params of a step. */
export const programSettings = {
  package: ContentReference.optional().meta({
    title: 'Package',
    description: 'Its newest version is made available as a folder, and the program starts in it.',
  }),
  workingDirectory: WorkingDirectory.optional().meta({
    title: 'Start in',
    description: 'A folder: an absolute path, or one inside the package.',
  }),
  timeoutMinutes: wholeNumber(1, 999).optional().meta({
    title: 'Time-out (minutes)',
    description: 'Then it is killed with all that it started, and the step fails.',
  }),
  successCodes: z
    .preprocess(readList, z.array(ExitCode).min(1).max(1000))
    .default([0, REBOOT_REQUIRED])
    .meta({
      title: 'Success codes',
      description: 'Exit codes that count as success. 3010 and 1641 ask for a restart too.',
    }),
  outputVariable: z
    .string()
    .max(256)
    .refine((name) => variableNameProblem(name) === undefined, 'no name of a writable variable')
    .optional()
    .meta({
      title: 'Output to task sequence variable',
      description:
        'Receives the last 1,000 characters that were printed, also when the step fails.',
    }),
  runAs: Account.optional().meta({
    title: 'Run as this account',
    description: 'Only in the installed operating system, not in Windows PE or Linux PE.',
  }),
};
const ProgramSettings = z.object(programSettings);
export type ProgramSettings = z.output<typeof ProgramSettings>;

/** What the settings are called as variables: each step has names of its own. */
interface ProgramVariableNames {
  readonly workingDirectory: string;
  readonly asUser: string;
  readonly userName: string;
  readonly password: string;
}

/**
 * The settings as variables. `asUser` true lets every such step run as the account of the other two
 * variables, whatever it says itself; else they only replace the account of a step that has one.
 */
export function programVariables(names: ProgramVariableNames): ActionVariables {
  const plain = plainActionVariables({
    [names.workingDirectory]: { param: 'workingDirectory', schema: WorkingDirectory },
  });
  return {
    toVariables(params) {
      const variables = { ...plain.toVariables(params) };
      const account = Account.safeParse(params['runAs']);
      if (!account.success) return variables;
      const { user, password } = account.data;
      return {
        ...variables,
        [names.asUser]: 'true',
        [names.userName]: user,
        [names.password]: password,
      };
    },
    override(params, preset) {
      const settings = plain.override(params, preset);
      const asUser = booleanOf(names.asUser, preset(names.asUser) ?? 'false');
      const own = settings['runAs'];
      if (!asUser && own === undefined) return settings;
      const user = preset(names.userName);
      const password = preset(names.password);
      if (user !== undefined) checkPreset(names.userName, Account.shape.user, user);
      else if (own === undefined)
        throw badPreset(names.asUser, `there is no account to run as: set ${names.userName} too`);
      const runAs = {
        ...(typeof own === 'object' ? own : {}),
        ...(user === undefined ? {} : { user }),
        ...(password === undefined ? {} : { password }),
      };
      return { ...settings, runAs };
    },
  };
}
