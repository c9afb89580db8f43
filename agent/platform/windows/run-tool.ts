import { basename } from 'node:path/win32';
import { StepError } from '../../sequence/step-error.ts';
import { runProcess, type WindowsCommand } from './run-process.ts';
import { decodeConsole } from './tools/decode-console.ts';
import { programExit, type ToolExit } from './tools/exit-codes.ts';
import type { Win32 } from './win32.ts';

const TIMEOUT_MS = 120_000;
const TIMEOUT_CODE = 0x800705b4;
/** As much as a reader of a tool's output takes; `reg` alone prints more. */
const KEPT_BYTES = 4 * 1024 * 1024;

/** A tool of Windows to run. */
export interface ToolCommand {
  readonly argv: readonly [string, ...string[]];
  /** Its standard input; without it there is none. */
  readonly input?: string;
  /** @default two minutes */
  readonly timeoutMs?: number;
  readonly cwd?: string;
  /** Exit codes that are no failure here, beside those that mean success; `any`: the caller looks. */
  readonly allowed?: readonly number[] | 'any';
  /** For a message, in place of argv, where that would be long. */
  readonly title?: string;
  /** Called with each piece of stdout as it comes, for progress. A letter may be cut in two. */
  readonly onOutput?: (text: string) => void;
}

/** How a tool ended. */
export interface ToolRun {
  /** Unsigned. */
  readonly code: number;
  /** What the code means. */
  readonly exit: ToolExit;
  readonly stdout: string;
  /** Stdout and stderr together. */
  readonly output: string;
}

/**
 * The one way to run a tool of Windows: by argv, with a time-out, killed with all that it started, its exit
 * code looked up, its output decoded. That it ended well does not mean that it did something: read back.
 * @throws {StepError} `tool.failed`, `tool.timeout`, `tool.output-size`, `process.not-found`, `process.start`
 */
export type RunWindowsTool = (command: ToolCommand, signal: AbortSignal) => Promise<ToolRun>;

/** @param codePage that of consoles: the OEM one of this Windows */
export function windowsTools(
  codePage: number,
  win32: Pick<Win32, 'createJob'> | undefined,
): RunWindowsTool {
  return async (command, signal) => {
    const { argv, input, cwd, onOutput } = command;
    const options: WindowsCommand = {
      argv,
      input,
      cwd,
      timeoutMs: command.timeoutMs ?? TIMEOUT_MS,
      keptBytes: KEPT_BYTES,
      onStdout: onOutput && ((bytes) => onOutput(decodeConsole(bytes, codePage))),
    };
    const result = await runProcess(options, win32, signal);
    const [stdout, output] = [result.stdout, result.output].map((bytes) =>
      decodeConsole(bytes, codePage),
    );
    const run = {
      code: result.code,
      exit: programExit(basename(argv[0]), result.code),
      stdout: stdout ?? '',
      output: output ?? '',
    };
    if (result.timedOut) throw timeout(command);
    if (command.allowed !== 'any' && !allowedEnd(command, run)) throw toolFailure(command, run);
    if (result.cut)
      throw new StepError(
        'tool.output-size',
        `${titleOf(command)} printed more than ${KEPT_BYTES} bytes`,
      );
    return run;
  };
}

/** The error of a tool that ended badly, for callers that look at the end themselves. */
export function toolFailure(
  command: Pick<ToolCommand, 'argv' | 'title'>,
  { code, exit, output }: Pick<ToolRun, 'code' | 'exit' | 'output'>,
): StepError {
  const shown = code > 0xffff ? `0x${code.toString(16).padStart(8, '0')}` : String(code);
  const printed = lastLines(output);
  const because = printed === '' ? '' : `: ${printed}`;
  return new StepError(
    'tool.failed',
    `${titleOf(command)} ended with exit code ${shown} (${exit.meaning})${because}`,
    { exitCode: code, ...(exit.hint === undefined ? {} : { hint: exit.hint }) },
  );
}

function allowedEnd({ allowed }: ToolCommand, { code, exit }: ToolRun): boolean {
  return exit.outcome !== 'failed' || (Array.isArray(allowed) && allowed.includes(code));
}

function timeout(command: ToolCommand): StepError {
  const seconds = Math.round((command.timeoutMs ?? TIMEOUT_MS) / 1000);
  return new StepError('tool.timeout', `${titleOf(command)} did not end in ${seconds} s`, {
    exitCode: TIMEOUT_CODE,
  });
}

function titleOf({ argv, title }: Pick<ToolCommand, 'argv' | 'title'>): string {
  return (title ?? argv.join(' ')).slice(0, 300);
}

/** The last three lines of a tool's output, on one line. */
function lastLines(output: string): string {
  const lines = output.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return lines.slice(-3).join(' | ').slice(-600);
}
