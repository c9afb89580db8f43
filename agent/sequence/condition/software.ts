import { z } from 'zod';
import type { InstalledProduct } from '../query-capability.ts';
import { QueryError } from '../query-error.ts';
import { isOpen } from './fields.ts';
import type { ConditionGround, MachineAnswer } from './verdict.ts';

const GUID = /^\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i;
const ProductGuid = z
  .string()
  .trim()
  .max(300)
  .refine(
    (text) => isOpen(text) || GUID.test(text),
    'is no {XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}',
  );

/** Installed Software: this version by its product code, any version by its upgrade code. */
export const SoftwareExpression = z
  .strictObject({
    kind: z.literal('software').meta({ title: 'Installed Software' }),
    match: z.enum(['this-version', 'any-version']).meta({
      title: 'Match',
      description: 'this-version by productCode, any-version by upgradeCode.',
    }),
    productCode: ProductGuid.optional().meta({ title: 'Product code' }),
    upgradeCode: ProductGuid.optional().meta({ title: 'Upgrade code' }),
    /** As the MSI file said it when the condition was made: for people. */
    productName: z.string().max(300).optional().meta({ title: 'Product name' }),
    version: z.string().max(100).optional().meta({ title: 'Version' }),
  })
  .superRefine((fields, context) => {
    const code = codeFor(fields.match);
    if (fields[code] === undefined)
      context.addIssue({ code: 'custom', path: [code], message: `${fields.match} needs ${code}` });
  });
export type SoftwareExpression = z.output<typeof SoftwareExpression>;

function codeFor(match: SoftwareExpression['match']): 'productCode' | 'upgradeCode' {
  return match === 'this-version' ? 'productCode' : 'upgradeCode';
}

/** The expression as people say it. */
export function describeSoftware(expression: SoftwareExpression): string {
  const { match, productName = '', version = '' } = expression;
  const code = expression[codeFor(match)];
  const named = [productName, match === 'this-version' ? version : ''].filter(Boolean).join(' ');
  const words = match === 'this-version' ? 'this version' : 'any version';
  return `software ${named === '' ? code : `"${named}" ${code}`} is installed, ${words}`;
}

/** @throws {QueryError} `query.no-installer` */
export async function answerSoftware(
  expression: SoftwareExpression,
  { query: { software }, signal }: ConditionGround,
): Promise<MachineAnswer> {
  if (software === undefined)
    throw new QueryError('query.no-installer', 'this system has no Windows Installer');
  const code = codeFor(expression.match);
  const wanted = bare(expression[code] ?? '');
  const found = (await software(signal)).find((product) => bare(product[code] ?? '') === wanted);
  return { verdict: found !== undefined, seen: seen(found) };
}

function bare(guid: string): string {
  return guid.replaceAll(/[{}]/g, '').toLowerCase();
}

function seen(found: InstalledProduct | undefined): string {
  return found === undefined ? 'is not installed' : `${found.name} ${found.version}`;
}
