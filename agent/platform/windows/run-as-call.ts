/**
 * A program as another account, run by a second agent that waits for it: `metalwright-agent windows-run-as`. The
 * request comes by standard input, as it has a password in it; what Windows refused goes into a file, as the
 * output is the program's.
 */
import { writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { runAs } from './win32/run-as.ts';

export const RunAsCall = z.object({
  user: z.string(),
  domain: z.string().nullable(),
  password: z.string(),
  commandLine: z.string(),
  cwd: z.string().nullable(),
  environment: z.record(z.string(), z.string()),
  answerFile: z.string(),
});
export type RunAsCall = z.infer<typeof RunAsCall>;

export const RunAsAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('started') }),
  z.object({ kind: z.literal('refused'), what: z.enum(['logon', 'start']), code: z.int() }),
]);
export type RunAsAnswer = z.infer<typeof RunAsAnswer>;

/** Returns the exit code of the program. */
export async function runAsCall(input: NodeJS.ReadableStream): Promise<number> {
  const { answerFile, ...wish } = RunAsCall.parse(JSON.parse(await text(input)));
  const answer = (told: RunAsAnswer): void => writeFileSync(answerFile, JSON.stringify(told));
  const ended = runAs(wish, () => answer({ kind: 'started' }));
  if (typeof ended === 'number') return ended | 0;
  answer({ kind: 'refused', ...ended });
  return 1;
}
