import { z } from 'zod';
import type { TsAnswer, TsRequest } from './messages.ts';

/** Longer than any name: what is wrong with a long one is told by the variables themselves. */
const name = z.string().max(10_000);

/** As long as a value: a script has it of a variable, or of an error. */
const shown = z.string().max(4000);

const Request = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('get'), name }),
  z.strictObject({
    op: z.literal('set'),
    name,
    value: z.string(),
    secret: z.boolean().default(false),
  }),
  z.strictObject({ op: z.literal('list'), values: z.boolean().default(false) }),
  z.strictObject({
    op: z.literal('show'),
    what: z.enum(['progress', 'message', 'error', 'close']),
    title: shown,
    text: shown,
    step: z.int().nonnegative().optional(),
    steps: z.int().positive().optional(),
  }),
]);

/** The request of one line, or the answer to a line that is none (`ts.request`). */
export function parseRequest(line: string): TsRequest | (TsAnswer & { readonly kind: 'error' }) {
  const parsed = Request.safeParse(jsonOf(line));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  // The line itself is not told: the value of a secret may be in it.
  return {
    kind: 'error',
    code: 'ts.request',
    message: `This is no request: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
    hint: 'Use the metalwright-ts command or the PowerShell module of this agent.',
  };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
