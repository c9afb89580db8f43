/**
 * `metalwright-agent capture`, by hand in the system that is to be captured: what is said on the command line or in a file of
 * answers, before anybody is asked.
 */
import { parseArgs } from 'node:util';
import { AgentError } from '../agent-error.ts';
import { variableNameProblem, variableValueProblem } from '../sequence/variables.ts';

export const usage = `metalwright-agent capture --server <address:port> --site-ca <file> [options]

Starts a task sequence that is deployed to this computer as available, in the system that runs: it prepares the system,
restarts into the boot image and captures it. What the deployment asks for is asked here, unless it is said.

  --server <address:port>   agents' listener of the server, 10.0.0.1:7443
  --site-ca <file>          certificate of the site's CA, site-ca.pem of the server's data
  --deployment <id>         which one, where several are offered
  --set <Name=Value>        an answer; as often as there are answers
  --answers <file>          answers, one Name=Value a line; a line that begins with # is none
  --prestart <command>      a program that runs before: it may ask, and sets answers by "metalwright-ts set"
`;

/** What a person, or a script in the person's place, wants. */
export interface ByHand {
  readonly server: string | undefined;
  readonly siteCaFile: string | undefined;
  readonly deployment: string | undefined;
  /** By their names as they were written; of two that differ in case only, the last. */
  readonly answers: ReadonlyMap<string, string>;
  readonly prestart: string | undefined;
}

/** @throws {AgentError} `agent.usage`, `agent.answers` */
export async function readByHand(
  argv: readonly string[],
  readText: (path: string) => Promise<string | undefined>,
): Promise<ByHand> {
  const { values } = parse(argv);
  const lines: string[] = [];
  if (values.answers !== undefined) {
    const text = await readText(values.answers);
    if (text === undefined)
      throw new AgentError(
        'agent.answers',
        `The file of answers cannot be read: ${values.answers}`,
      );
    const written = text.replace(/^\ufeff/, '').split(/\r?\n/);
    lines.push(...written.filter((line) => line.trim() !== '' && !line.startsWith('#')));
  }
  const answers = new Map<string, string>();
  for (const line of [...lines, ...(values.set ?? [])]) {
    const at = line.indexOf('=');
    const name = line.slice(0, Math.max(at, 0)).trim();
    const value = line.slice(at + 1);
    const problem =
      at < 1 ? 'it is no Name=Value' : (variableNameProblem(name) ?? variableValueProblem(value));
    if (problem !== undefined)
      throw new AgentError(
        'agent.answers',
        `"${name || line.slice(0, 80)}" is no answer: ${problem}`,
      );
    for (const known of answers.keys())
      if (known.toLowerCase() === name.toLowerCase()) answers.delete(known);
    answers.set(name, value);
  }
  const { server, deployment, prestart } = values;
  return { server, siteCaFile: values['site-ca'], deployment, answers, prestart };
}

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: {
        server: text,
        'site-ca': text,
        deployment: text,
        set: { ...text, multiple: true },
        answers: text,
        prestart: text,
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AgentError('agent.usage', reason, usage.trimEnd());
  }
}
