import { z } from 'zod';
import { DEFAULT_NAMESPACE, queryWmi } from '../wql/answer.ts';
import { MAX_QUERY } from '../wql/tokens.ts';
import type { ConditionGround, MachineAnswer } from './verdict.ts';

/** Query WMI: true when the query has at least one row. */
export const WmiExpression = z.strictObject({
  kind: z.literal('wmi').meta({ title: 'Query WMI' }),
  namespace: z
    .string()
    .trim()
    .min(1)
    .max(300)
    .optional()
    .meta({ title: 'WMI namespace', description: 'root\\cimv2, unless it says another.' }),
  query: z
    .string()
    .trim()
    .min(1)
    .max(MAX_QUERY)
    .meta({ title: 'Query', description: 'WQL; true where there is at least one row.' }),
});
export type WmiExpression = z.output<typeof WmiExpression>;

/** The expression as people say it. */
export function describeWmi({ namespace = DEFAULT_NAMESPACE, query }: WmiExpression): string {
  return `WMI ${namespace}: ${query}`;
}

/**
 * @throws {WqlError} `wql.*`
 * @throws {QueryError} `query.*`
 */
export async function answerWmi(
  { namespace = DEFAULT_NAMESPACE, query }: WmiExpression,
  ground: ConditionGround,
): Promise<MachineAnswer> {
  const verdict = await queryWmi({ namespace, query }, ground.query, ground.signal);
  return { verdict, seen: verdict ? 'it has a row' : 'it has no row' };
}
