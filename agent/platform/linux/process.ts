import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import type { ProcessResult } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step.ts';
import { COMMAND_MARK, processTree } from './process-tree.ts';

const TAIL_BYTES = 64 * 1024;
/** Between the polite and the hard end of a command. */
const KILL_AFTER_MS = 2_000;
/** What a command has written is read by then, unless something that it left running holds its output. */
const DRAIN_MS = 500;
/** 128 and SIGKILL. */
const KILLED_CODE = 137;

/** A command to run: argv, never a shell string. */
export interface Command {
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string | undefined;
  /** The whole environment of the child; the agent's own when left out. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs?: number | undefined;
  readonly input?: string | undefined;
  /** Called with each piece of stdout as it comes. */
  readonly onStdout?: ((text: string) => void) | undefined;
  /** How long it may take to end when it is told to. */
  readonly killAfterMs?: number | undefined;
}
export interface CommandResult extends ProcessResult {
  /** Last 64 KiB of stdout alone, for tools whose output is parsed. */
  readonly stdout: string;
}

/**
 * Runs a command in a session of its own; at the time-out or when cancelled it is killed with all that it
 * started (process-tree.ts). What it leaves running when it ends by itself goes on.
 * @throws {StepError} `process.not-found`, `process.start`
 */
export async function runCommand(command: Command, signal: AbortSignal): Promise<CommandResult> {
  signal.throwIfAborted();
  const mark = randomUUID();
  const child = start(command, mark);
  const both = new Tail();
  const stdout = new Tail();
  child.stdout?.on('data', (bytes: Buffer) => {
    both.add(bytes);
    stdout.add(bytes);
    command.onStdout?.(bytes.toString('utf8'));
  });
  child.stderr?.on('data', (bytes: Buffer) => both.add(bytes));
  // A child that does not read its input is no fault of ours: EPIPE shows in its exit code.
  child.stdin?.on('error', () => {});
  child.stdin?.end(command.input);
  let stopping: Promise<void> | undefined;
  let timedOut = false;
  // A process that hangs in the I/O of a dead device cannot be killed: the run goes on without its end.
  const gaveUp = Promise.withResolvers<number>();
  const stop = (): void => {
    if (child.pid === undefined || stopping) return;
    stopping = processTree(child.pid, mark).end(command.killAfterMs ?? KILL_AFTER_MS);
    void stopping.then(() => setTimeout(() => gaveUp.resolve(KILLED_CODE), 4 * DRAIN_MS).unref());
  };
  const { timeoutMs } = command;
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          stop();
        }, timeoutMs);
  signal.addEventListener('abort', stop);
  try {
    const code = await Promise.race([ended(child, command), gaveUp.promise]);
    return { code, output: both.text(), stdout: stdout.text(), timedOut };
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(timer);
    await stopping;
    signal.throwIfAborted();
  }
}

/** Starts it. What the kernel refuses at once is thrown here; what is not there, told later. */
function start({ argv, cwd, environment, input }: Command, mark: string): ChildProcess {
  const [program, ...args] = argv;
  try {
    return spawn(program, args, {
      cwd,
      env: { ...(environment ?? process.env), [COMMAND_MARK]: mark },
      detached: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    throw startFailure(argv, cwd, error);
  }
}

/** Runs a tool that must succeed. @throws {StepError} `tool.failed`, `tool.timeout`, `process.*` */
export async function runTool(
  argv: readonly [string, ...string[]],
  signal: AbortSignal,
  options: Omit<Command, 'argv'> & { readonly allowed?: readonly number[] } = {},
): Promise<CommandResult> {
  const result = await runCommand({ timeoutMs: 120_000, ...options, argv }, signal);
  if (result.timedOut)
    throw new StepError('tool.timeout', `${argv.join(' ')} did not end in time`, {
      exitCode: 0x800705b4,
    });
  if (![0, ...(options.allowed ?? [])].includes(result.code))
    throw new StepError(
      'tool.failed',
      `${argv.join(' ')} ended with exit code ${result.code}: ${lastLines(result.output)}`,
      { exitCode: result.code },
    );
  return result;
}

/** The last three lines of a tool's output, on one line. */
export function lastLines(output: string): string {
  const lines = output.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return lines.slice(-3).join(' | ').slice(-600);
}

/** Exit code, or 128 + signal number as shells tell it. */
async function ended(child: ChildProcess, { argv, cwd }: Command): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(startFailure(argv, cwd, error)));
    const finish = (code: number | null, name: NodeJS.Signals | null): void =>
      resolve(code ?? 128 + (name === null ? 1 : constants.signals[name]));
    child.once('close', finish);
    child.once('exit', (code, name) => {
      // A service that it started may keep its output open for ever.
      const drained = setTimeout(() => {
        for (const stream of [child.stdout, child.stderr])
          if (stream instanceof Socket) stream.unref();
        finish(code, name);
      }, DRAIN_MS);
      child.once('close', () => clearTimeout(drained));
    });
  });
}

function startFailure(argv: readonly string[], cwd: string | undefined, error: unknown): StepError {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  const reason = error instanceof Error ? error.message : String(error);
  return new StepError(
    isMissing ? 'process.not-found' : 'process.start',
    isMissing
      ? `there is no program ${argv[0]}${cwd === undefined ? '' : `, or no folder ${cwd}`}`
      : `cannot start ${argv[0]}: ${reason.slice(0, 300)}`,
    { exitCode: isMissing ? 0x80070002 : 0x80004005, cause: error },
  );
}

class Tail {
  #parts: Buffer[] = [];
  #size = 0;
  add(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#size += bytes.length;
    if (this.#size < 2 * TAIL_BYTES) return;
    const tail = Buffer.concat(this.#parts).subarray(-TAIL_BYTES);
    this.#parts = [tail];
    this.#size = tail.length;
  }
  text(): string {
    return Buffer.concat(this.#parts).subarray(-TAIL_BYTES).toString('utf8');
  }
}
