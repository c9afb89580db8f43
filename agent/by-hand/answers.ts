/** What is answered to what a deployment asks for: said before, by a prestart program, or by a person at the terminal. */
import { AgentError } from '../agent-error.ts';
import type { SessionParts } from '../driver/session-parts.ts';
import { askVariables } from '../menu/ask-variables.ts';
import type { AskedVariable, RunRequest } from '../protocol/policy.ts';
import { StepVariables } from '../sequence/step-variables.ts';
import { Variables } from '../sequence/variables.ts';
import { parseCommandLine } from '../steps/command-line.ts';
import type { ByHand } from './options.ts';

type Answers = NonNullable<RunRequest['variables']>;

/**
 * Runs the prestart program, which sees the answers so far as variables, may ask the person, and sets more of them.
 * @throws {AgentError} `agent.prestart`
 */
export async function runPrestart(
  { answers, prestart }: Pick<ByHand, 'answers' | 'prestart'>,
  { machine, serveVariables, log }: Pick<SessionParts, 'machine' | 'serveVariables' | 'log'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (prestart === undefined) return answers;
  const given = [...answers].map(([name, value]) => ({ name, value, secret: false }));
  const variables = new StepVariables(Variables.none.setAll(given));
  await using channel = await serveVariables(variables, () => {});
  const { code, output } = await machine.platform.process.run(
    {
      argv: parseCommandLine(prestart),
      commandLine: prestart,
      environment: { ...variables.environment(), ...channel.environment },
    },
    signal,
  );
  if (output.trim() !== '') log.write('info', output.trim(), 'Prestart');
  if (code !== 0)
    throw new AgentError(
      'agent.prestart',
      `The prestart program ended with exit code ${code}: ${output.trim().slice(-300)}`,
      'Nothing was started.',
    );
  const all = new Map(answers);
  for (const { name, value } of variables.changes()) {
    for (const known of all.keys())
      if (known.toLowerCase() === name.toLowerCase()) all.delete(known);
    if (value !== '') all.set(name, value);
  }
  return all;
}

/**
 * The answers to what is asked for; what is not said is asked at the terminal. An answer that nobody asks for is an error: it
 * would have no effect. Undefined where the person went back.
 * @throws {AgentError} `agent.answers`
 */
export async function answersTo(
  asks: readonly AskedVariable[],
  said: ReadonlyMap<string, string>,
  { terminals, canAsk }: Pick<SessionParts, 'terminals'> & { readonly canAsk: boolean },
  signal: AbortSignal,
): Promise<Answers | undefined> {
  const asked = new Set(asks.map(({ name }) => name.toLowerCase()));
  const idle = [...said.keys()].filter((name) => !asked.has(name.toLowerCase()));
  if (idle.length > 0)
    throw new AgentError(
      'agent.answers',
      `Nobody asks for ${idle.join(', ')}; asked for are ${asks.map(({ name }) => name).join(', ') || 'none'}`,
      'A variable is asked for where it is set to nothing, on the computer or a collection of it.',
    );
  const known = [...said].map(([name, value]) => ({ name, value }));
  const isSaid = new Set([...said.keys()].map((name) => name.toLowerCase()));
  const left = asks.filter(({ name }) => !isSaid.has(name.toLowerCase()));
  if (left.length === 0) return known;
  if (!canAsk)
    throw new AgentError(
      'agent.answers',
      `${left.map(({ name }) => name).join(', ')} is asked for, and there is no terminal to ask at`,
      'Say it by --set Name=Value or --answers; an empty value says that there is none.',
    );
  const typed = await askVariables(terminals, left, { signal });
  return typed && [...known, ...typed];
}
