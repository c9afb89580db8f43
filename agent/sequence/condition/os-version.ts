import { z } from 'zod';
import { MachineArchitecture } from '#agent/protocol/identity.ts';
import type { SystemFacts } from '../query-capability.ts';
import { QueryError } from '../query-error.ts';
import {
  compareVersions,
  type DottedVersion,
  parseVersion,
  versionAtStart,
} from './dotted-version.ts';
import type { ConditionGround, MachineAnswer } from './verdict.ts';

const PlatformVersion = z
  .string('a version is text: put it in quotes, "10.0"')
  .trim()
  .refine((text) => parseVersion(text) !== undefined, 'is no version: "10.0.19041"');

/** One platform of the list; what it does not name does not matter. Windows, unless it says Linux. */
export const OsPlatform = z
  .strictObject({
    name: z
      .string()
      .max(200)
      .optional()
      .meta({ title: 'Name', description: 'For people: All Windows 11 (64-bit).' }),
    family: z
      .enum(['windows', 'linux'])
      .optional()
      .meta({ title: 'Family', description: 'Windows, unless it says linux.' }),
    architecture: MachineArchitecture.optional().meta({ title: 'Architecture' }),
    productType: z
      .enum(['client', 'server', 'domain-controller'])
      .optional()
      .meta({ title: 'Product type' }),
    minVersion: PlatformVersion.optional().meta({
      title: 'First version',
      description: 'In quotes.',
    }),
    maxVersion: PlatformVersion.optional().meta({
      title: 'Last version',
      description: 'In quotes. "10.0" includes 10.0.19045.',
    }),
  })
  .superRefine((platform, context) => {
    const tests = Object.entries(platform).filter(([key]) => key !== 'name');
    if (tests.every(([, test]) => test === undefined))
      context.addIssue({
        code: 'custom',
        message:
          'says nothing of the system but a name: add minVersion, maxVersion or architecture',
      });
    if (platform.family === 'linux' && platform.productType !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['productType'],
        message: 'Linux has no product type',
      });
  });
type OsPlatform = z.output<typeof OsPlatform>;

/** Operating System Version: the system that the agent runs in is any of these platforms. */
export const OsVersionExpression = z.strictObject({
  kind: z.literal('os-version').meta({ title: 'Operating System Version' }),
  platforms: z
    .array(OsPlatform)
    .min(1, 'needs a platform')
    .max(100)
    .meta({ title: 'Platforms', description: 'Any of them is to match.' }),
});
export type OsVersionExpression = z.output<typeof OsVersionExpression>;

/** The expression as people say it. */
export function describeOsVersion({ platforms }: OsVersionExpression): string {
  return `operating system is ${platforms.map(describePlatform).join(' or ')}`;
}

function describePlatform(platform: OsPlatform): string {
  const { name, family = 'windows', architecture, productType, minVersion, maxVersion } = platform;
  if (name !== undefined) return `"${name}"`;
  const range = [minVersion && `from ${minVersion}`, maxVersion && `to ${maxVersion}`];
  return [family, productType, architecture, ...range].filter(Boolean).join(' ');
}

/** @throws {QueryError} `query.no-version` */
export async function answerOsVersion(
  { platforms }: OsVersionExpression,
  { query, signal }: ConditionGround,
): Promise<MachineAnswer> {
  const facts = await query.system(signal);
  const version = versionAtStart(facts.version);
  const verdict = platforms.some((platform) => isPlatform(platform, facts, version));
  const { family, productType, architecture } = facts;
  const words = [family, facts.version, productType, architecture];
  return { verdict, seen: `is ${words.filter(Boolean).join(' ')}` };
}

function isPlatform(
  { family = 'windows', architecture, productType, minVersion, maxVersion }: OsPlatform,
  facts: SystemFacts,
  version: DottedVersion | undefined,
): boolean {
  if (family !== facts.family) return false;
  if (architecture !== undefined && architecture !== facts.architecture) return false;
  if (productType !== undefined && productType !== facts.productType) return false;
  const [min, max] = [minVersion, maxVersion].map((text) => parseVersion(text ?? ''));
  if (min === undefined && max === undefined) return true;
  if (version === undefined)
    throw new QueryError('query.no-version', 'the operating system tells no version');
  return (
    (min === undefined || compareVersions(version, min) >= 0) &&
    // `10.0` as the last version includes 10.0.19045.
    (max === undefined || compareVersions(version, max, max.length) <= 0)
  );
}
