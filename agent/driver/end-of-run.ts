import { spawn, spawnSync } from 'node:child_process';
import { environmentOf } from '../sequence/environment-block.ts';
import { HIDDEN, hideSecrets, substitute, type Variables } from '../sequence/variables.ts';
import { parseCommandLine } from '../steps/command-line.ts';

/** As long as a failure is shown where `SMSTSErrorDialogTimeout` does not say it. */
const ERROR_DIALOG_SECONDS = 900;
const HAND_OVER_MS = 10_000;

/** How long a failure stays on the screen, in milliseconds; 0: it is not shown. */
export function errorDialogMs(variables: Variables): number {
  const text = variables.value('SMSTSErrorDialogTimeout')?.trim() ?? '';
  return (/^\d{1,9}$/.test(text) ? Number(text) : ERROR_DIALOG_SECONDS) * 1000;
}

/** `SMSTSPostAction`: a command that is started when the run has ended. */
export interface PostAction {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** For the log, no secret in it. */
  readonly shown: string;
}

/** What to start at the end; undefined where nothing is wished for. @throws {StepError} `command.*` */
export function postAction(variables: Variables): PostAction | undefined {
  const found = variables.get('SMSTSPostAction');
  if (found === undefined) return undefined;
  const { text } = substitute(found.value, variables);
  return {
    argv: parseCommandLine(text),
    environment: environmentOf(variables).environment,
    shown: found.secret ? HIDDEN : hideSecrets(text, variables),
  };
}

/**
 * Starts it and goes on at once: nobody waits for it, and what becomes of it is not recorded. One that
 * cannot be read is left out; the log of the run has said so.
 */
export function startPostAction(variables: Variables): void {
  let action: PostAction | undefined;
  try {
    action = postAction(variables);
  } catch {
    return;
  }
  if (action === undefined) return;
  const env = { ...process.env, ...action.environment };
  // Of a service, systemd ends every process that is left: the command gets a unit of its own, and to
  // hand it over takes a moment.
  const isService = process.env['INVOCATION_ID'] !== undefined;
  if (isService) {
    const options = { env, stdio: 'ignore', timeout: HAND_OVER_MS } as const;
    if (spawnSync('systemd-run', unitArguments(action), options).status === 0) return;
  }
  const [program = '', ...args] = action.argv;
  const child = spawn(program, args, { env, detached: true, stdio: 'ignore', windowsHide: true });
  // A program that is not there must not take the agent with it.
  child.on('error', () => {});
  child.unref();
}

/** For systemd-run: the command in a unit of its own, with the variables by name. */
export function unitArguments({ argv, environment }: PostAction): string[] {
  const names = Object.keys(environment).filter((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  return ['--collect', '--quiet', ...names.map((name) => `--setenv=${name}`), '--', ...argv];
}
