import { z } from 'zod';
import { OsPlatform } from './condition/os-version.ts';
import type { Condition } from './condition.ts';
import { readCondition } from './condition-document.ts';
import { installerSettings } from './package-program.ts';
import { ContentReference } from './references.ts';

const Line = z
  .string()
  .trim()
  .min(1)
  .refine((text) => !text.includes('\0'), 'has a NUL in it');
const Command = Line.max(32_000);
const Name = Line.max(128);

/** A tree of expressions, as the conditions of steps: all, any, none. */
const ConditionTree = z.unknown().transform((value, context): Condition => {
  const problems: string[] = [];
  const condition = readCondition(value, '', ({ path, message }) =>
    problems.push(`${path.replace(/^\.condition\.?/, '')} ${message}`.trim()),
  );
  for (const message of problems) context.addIssue({ code: 'custom', message });
  if (condition === undefined && problems.length === 0)
    context.addIssue({ code: 'custom', message: 'needs a condition' });
  return condition ?? { all: [] };
});

/** A PowerShell script; on Linux, where it begins with `#!`, a script of that interpreter. */
const Script = z.string().min(1).max(200_000);

/**
 * How it is found that an application is there: by its MSI product code, a file, the registry, as conditions of steps
 * say it, or by a script that prints something and ends with 0.
 */
const Detection = z.union([
  z.strictObject({ script: Script }),
  z.strictObject({
    productCode: z
      .string()
      .trim()
      .regex(/^\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i),
    /** This or a newer one; without it any. */
    version: z
      .string()
      .regex(/^\d{1,9}(?:\.\d{1,9}){0,3}$/)
      .optional(),
  }),
  z.strictObject({ condition: ConditionTree }),
]);
export type Detection = z.output<typeof Detection>;

const Comparison = z.enum(['equals', 'not-equals', 'at-least', 'at-most', 'greater', 'less']);

/** One rule that a machine must meet. */
const Requirement = z.union([
  z.strictObject({ platforms: z.array(OsPlatform).min(1).max(100) }),
  z.strictObject({ memoryMb: z.int().min(1) }),
  /** Free on the drive of the system that runs. */
  z.strictObject({ freeDiskMb: z.int().min(1) }),
  /** Whether the machine is somebody's primary device: SMSTSUdaUsers has a user. */
  z.strictObject({ primaryDevice: z.boolean() }),
  z.strictObject({ condition: ConditionTree }),
  /** What the script prints, compared as numbers where both are. */
  z.strictObject({
    script: Script,
    operator: Comparison.default('equals'),
    value: z.string().max(1000),
  }),
]);
export type Requirement = z.output<typeof Requirement>;

/** Applications of which one must be there first; the first that is to be installed is, where none is. */
const Dependency = z.strictObject({
  anyOf: z
    .array(z.strictObject({ application: ContentReference, install: z.boolean().default(true) }))
    .min(1)
    .max(50),
});

const DeploymentType = z.strictObject({
  name: Name,
  technology: z.enum(['msi', 'script']).default('script'),
  /** The package with its files; without one, the commands need none. */
  content: ContentReference.optional(),
  install: Command,
  uninstall: Command.optional(),
  ...installerSettings,
  /** Codes that say *try again*: another installation is going on. */
  retryCodes: z.array(z.int().min(0).max(0xffff_ffff)).max(200).default([1618]),
  installFor: z.enum(['system', 'user']).default('system'),
  runWhen: z.enum(['whether-or-not', 'no-user', 'user-logged-on']).default('whether-or-not'),
  detection: Detection,
  requirements: z.array(Requirement).max(100).default([]),
  dependencies: z.array(Dependency).max(50).default([]),
});
export type DeploymentType = z.output<typeof DeploymentType>;

/** An application: what is installed where it is needed and not there yet. */
export const Application = z.strictObject({
  $schema: z.string().optional(),
  name: Name,
  description: z.string().max(4000).default(''),
  publisher: z.string().max(256).default(''),
  /** Of the software; its revisions are counted by the server. */
  softwareVersion: z.string().max(100).default(''),
  /** Allow this application to be installed from the Install Application task sequence action without being deployed. */
  allowFromSequence: z.boolean().default(true),
  retired: z.boolean().default(false),
  /** Older applications that it takes the place of. */
  supersedes: z
    .array(z.strictObject({ application: ContentReference, uninstall: z.boolean().default(false) }))
    .max(50)
    .default([]),
  /** The first whose requirements are met is taken. */
  deploymentTypes: z.array(DeploymentType).min(1).max(50),
});
export type Application = z.output<typeof Application>;

/** Why no task sequence can install an application, in words; undefined where one can. Pure. */
export function applicationRefusal({
  retired,
  allowFromSequence,
  deploymentTypes,
}: Application): string | undefined {
  if (retired) return 'it is retired';
  if (!allowFromSequence) return 'it is not allowed to be installed from a task sequence';
  const forMachines = deploymentTypes.filter(
    ({ installFor, runWhen }) => installFor === 'system' && runWhen !== 'user-logged-on',
  );
  return forMachines.length === 0
    ? 'all of its deployment types need a user, or the rights of one'
    : undefined;
}

/** What an application leads to: other applications, and packages. Pure. */
export function applicationReferences({ supersedes, deploymentTypes }: Application): {
  readonly applications: readonly ContentReference[];
  readonly packages: readonly ContentReference[];
} {
  const needed = deploymentTypes.flatMap(({ dependencies }) =>
    dependencies.flatMap(({ anyOf }) => anyOf.map(({ application }) => application)),
  );
  return {
    applications: [...needed, ...supersedes.map(({ application }) => application)],
    packages: deploymentTypes.flatMap(({ content }) => content ?? []),
  };
}

/** An application with other references in the place of its own. Pure. */
export function linkApplicationReferences(
  application: Application,
  link: (reference: ContentReference, kind: 'application' | 'package') => ContentReference,
): Application {
  return {
    ...application,
    supersedes: application.supersedes.map((each) => ({
      ...each,
      application: link(each.application, 'application'),
    })),
    deploymentTypes: application.deploymentTypes.map((type) => ({
      ...type,
      ...(type.content === undefined ? {} : { content: link(type.content, 'package') }),
      dependencies: type.dependencies.map(({ anyOf }) => ({
        anyOf: anyOf.map((each) => ({
          ...each,
          application: link(each.application, 'application'),
        })),
      })),
    })),
  };
}
