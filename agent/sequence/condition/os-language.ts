import { z } from 'zod';
import { closest } from '../closest.ts';
import { QueryError } from '../query-error.ts';
import { describeLcid, languageTags, lcidOf } from './lcid.ts';
import type { ConditionGround, MachineAnswer } from './verdict.ts';

const LanguageTag = z
  .string()
  .trim()
  .superRefine((tag, context) => {
    if (lcidOf(tag) !== undefined) return;
    const near = tag.length > 20 ? [] : closest(tag, languageTags);
    const hint = near.length === 0 ? 'an LCID like 1033 always works' : near.join(' or ');
    context.addIssue({ code: 'custom', message: `is no known language like en-US: ${hint}` });
  });

/** Operating System Language: what the system was installed in (Win32_OperatingSystem.OSLanguage). */
export const OsLanguageExpression = z.strictObject({
  kind: z.literal('os-language').meta({ title: 'Operating System Language' }),
  language: z
    .union([z.int().min(1).max(0xf_ffff), LanguageTag])
    .meta({ title: 'Language', description: '1033 or en-US.' }),
});
export type OsLanguageExpression = z.output<typeof OsLanguageExpression>;

/** The expression as people say it. */
export function describeOsLanguage({ language }: OsLanguageExpression): string {
  return `operating system language is ${typeof language === 'number' ? describeLcid(language) : language}`;
}

/** @throws {QueryError} `query.no-language` */
export async function answerOsLanguage(
  { language }: OsLanguageExpression,
  { query, signal }: ConditionGround,
): Promise<MachineAnswer> {
  const { language: found } = await query.system(signal);
  if (found === null)
    throw new QueryError('query.no-language', 'this system has no installation language');
  const wanted = typeof language === 'number' ? language : lcidOf(language);
  return { verdict: found === wanted, seen: `is ${describeLcid(found)}` };
}
