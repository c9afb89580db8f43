import { z } from 'zod';
import { OsPlatform } from './condition/os-version.ts';
import { ContentReference } from './references.ts';

/** No NUL: the system takes it for the end of a text. */
const Line = z
  .string()
  .trim()
  .min(1)
  .refine((text) => !text.includes('\0'), 'has a NUL in it');
/** An exit code as Windows has it: 32 bits without sign. */
const Codes = z.array(z.int().min(0).max(0xffff_ffff)).max(200);

/** What of running a program packages and applications have in common. */
export const installerSettings = {
  /** A folder inside the content, or an absolute path. */
  workingDirectory: Line.max(255).optional(),
  successCodes: Codes.min(1).default([0]),
  /** They are success too, and ask for a restart. */
  rebootCodes: Codes.default([3010, 1641]),
  maxRunMinutes: z.int().min(1).max(1440).default(120),
};

/**
 * A program of a package: how one of its installers is called. In a task sequence it runs as Local System and without
 * anybody at the machine, so that one that wants a user is not allowed there.
 */
export const PackageProgram = z.strictObject({
  name: Line.max(255),
  comment: z.string().max(1000).optional(),
  commandLine: Line.max(32_000),
  ...installerSettings,
  /** `user` is for what runs in the session of a user: never in a task sequence. */
  runAs: z.enum(['system', 'user']).default('system'),
  runWhen: z.enum(['whether-or-not', 'no-user', 'user-logged-on']).default('whether-or-not'),
  /** Without any, for each. */
  platforms: z.array(OsPlatform).max(100).default([]),
  /** Run another program first. */
  runFirst: z
    .strictObject({
      /** Absent: this package. */
      package: ContentReference.optional(),
      program: Line.max(255),
      /** Each time; otherwise not again where it has run in the same step. */
      always: z.boolean().default(false),
    })
    .optional(),
  /** Allow this program to be installed from the Install Package task sequence without being deployed. */
  allowFromSequence: z.boolean().default(true),
  disabled: z.boolean().default(false),
});
export type PackageProgram = z.output<typeof PackageProgram>;

/** Why a task sequence cannot run a program, in words; undefined where it can. Pure. */
export function programRefusal({
  disabled,
  runAs,
  runWhen,
  allowFromSequence,
}: Pick<PackageProgram, 'disabled' | 'runAs' | 'runWhen' | 'allowFromSequence'>):
  | string
  | undefined {
  if (disabled) return 'it is disabled';
  if (!allowFromSequence) return 'it is not allowed to be installed from a task sequence';
  if (runAs === 'user') return 'it runs with the rights of a user';
  return runWhen === 'user-logged-on' ? 'it runs only when a user is logged on' : undefined;
}
