import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessCapability, RunAs } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step-error.ts';
import { RunAsAnswer, type RunAsCall } from './run-as-call.ts';
import type { WindowsCommand, WindowsResult } from './run-process.ts';
import { toolExit } from './tools/exit-codes.ts';
import type { StartedCommand } from './windows-command.ts';

/**
 * Runs a command as another account, by a second agent. The folder with the answer is the agent's alone: the
 * account learns nothing there. @throws {StepError} `command.run-as`, `process.*`
 */
export async function runAsOther(
  command: StartedCommand & {
    readonly account: RunAs;
    readonly cwd: string | undefined;
    readonly environment: Readonly<Record<string, string>>;
    readonly timeoutMs: number | undefined;
  },
  parts: {
    /** The agent itself, as the first words of an argv. */
    readonly agent: readonly [string, ...string[]];
    readonly scratch: ProcessCapability['scratch'];
    readonly run: (command: WindowsCommand, signal: AbortSignal) => Promise<WindowsResult>;
  },
  signal: AbortSignal,
): Promise<WindowsResult> {
  const { account, cwd, environment, timeoutMs } = command;
  await using folder = await parts.scratch({}, signal);
  const answerFile = join(folder.path, 'answer.json');
  const call: RunAsCall = {
    ...accountParts(account.user),
    password: account.password,
    commandLine: commandLineOf(command),
    cwd: cwd ?? null,
    environment: { ...environment },
    answerFile,
  };
  const argv = [...parts.agent, 'windows-run-as'] as [string, ...string[]];
  const result = await parts.run({ argv, input: JSON.stringify(call), timeoutMs }, signal);
  if (result.timedOut) return result;
  const text = await readFile(answerFile, 'utf8').catch(() => undefined);
  if (text === undefined)
    throw new StepError('command.run-as', `Windows could not be asked to run as ${account.user}`, {
      hint: 'This Windows, or the Node in this agent, has not the calls for it.',
    });
  const answer = RunAsAnswer.parse(JSON.parse(text));
  if (answer.kind === 'started') return result;
  const { meaning } = toolExit('net use', answer.code);
  const what = answer.what === 'logon' ? 'log on' : 'start the program';
  throw new StepError(
    'command.run-as',
    `Cannot ${what} as ${account.user}: error ${answer.code}, ${meaning}`,
    {
      hint: 'Correct the account and its password; it needs the right to log on locally or as a batch job.',
      exitCode: (0x80070000 | (answer.code & 0xffff)) >>> 0,
    },
  );
}

/** `DOMAIN\user`, `user@domain` as it is, or a user of this computer. */
export function accountParts(user: string): Pick<RunAsCall, 'user' | 'domain'> {
  const at = user.indexOf('\\');
  if (at !== -1) return { domain: user.slice(0, at), user: user.slice(at + 1) };
  return { user, domain: user.includes('@') ? null : '.' };
}

/** One text, as programs of Windows read it (CommandLineToArgvW) unless it is one already. */
export function commandLineOf({ argv, verbatim }: StartedCommand): string {
  const [program, ...words] = argv;
  return [`"${program}"`, ...(verbatim ? words : words.map(quoted))].join(' ');
}

/** Backslashes count double before a quotation mark, and before the one that ends the word. */
function quoted(word: string): string {
  if (word !== '' && !/[\s"]/.test(word)) return word;
  return `"${word.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}
