import { type ChildProcess, spawn } from 'node:child_process';
import type { ProcessCapability, ProcessResult } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step.ts';

const TAIL_BYTES = 64 * 1024;
/** Between the polite and the hard end of a process group. */
const KILL_AFTER_MS = 2_000;
/** A command may have left gigabytes to write to a slow disk. */
const SYNC_TIMEOUT_MS = 30 * 60_000;

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
}
export interface CommandResult extends ProcessResult {
  /** Last 64 KiB of stdout alone, for tools whose output is parsed. */
  readonly stdout: string;
}

/**
 * Runs a command in a process group of its own; at the time-out or when cancelled the whole group is
 * killed, so that a tool's children do not outlive it. @throws {StepError} `process.not-found`, `process.start`
 */
export async function runCommand(command: Command, signal: AbortSignal): Promise<CommandResult> {
  signal.throwIfAborted();
  const [program, ...args] = command.argv;
  const child = spawn(program, args, {
    cwd: command.cwd,
    env: command.environment ?? process.env,
    detached: true,
    stdio: [command.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
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
  const stop = new Stop(child, command.timeoutMs);
  const onAbort = (): void => stop.now();
  signal.addEventListener('abort', onAbort);
  try {
    const code = await ended(child, command);
    signal.throwIfAborted();
    return { code, output: both.text(), stdout: stdout.text(), timedOut: stop.timedOut };
  } finally {
    signal.removeEventListener('abort', onAbort);
    stop.clear();
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

/**
 * Commands of steps: root in Linux PE and in the installed OS. Nobody knows where a command writes, so
 * all file systems are synced after it: what `step-finished` tells must be true after a power cut.
 */
export const linuxProcess: ProcessCapability = {
  async run({ argv, cwd, environment, timeoutMs }, signal) {
    const { code, output, timedOut } = await runCommand(
      { argv, cwd, environment: { ...inherited(), ...environment }, timeoutMs },
      signal,
    );
    await runTool(['sync'], signal, { timeoutMs: SYNC_TIMEOUT_MS });
    return { code, output, timedOut };
  },
  async scratch() {
    throw new StepError('process.start', 'no folder can be made yet');
  },
  async powershell() {
    throw new StepError('powershell.missing', 'There is no PowerShell here', {
      exitCode: 0x80070002,
    });
  },
};

/** What every program expects; the agent's settings are not a child's business. */
function inherited(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'LANG', 'TERM', 'TZ', 'USER', 'LOGNAME'];
  const found: Record<string, string> = {};
  for (const name of kept) {
    const value = process.env[name];
    if (value !== undefined) found[name] = value;
  }
  return { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...found };
}

/** Exit code, or 128 + signal number as shells tell it. */
async function ended(child: ChildProcess, { argv, cwd }: Command): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT';
      reject(
        new StepError(
          missing ? 'process.not-found' : 'process.start',
          missing
            ? `there is no program ${argv[0]}${cwd === undefined ? '' : `, or no folder ${cwd}`}`
            : `cannot start ${argv[0]}: ${error.message}`,
          { exitCode: missing ? 0x80070002 : 0x80004005, cause: error },
        ),
      );
    });
    child.once('close', (code, signalName) => {
      const numbers: Record<string, number> = { SIGKILL: 9, SIGTERM: 15, SIGSEGV: 11, SIGABRT: 6 };
      resolve(code ?? 128 + (numbers[signalName ?? ''] ?? 1));
    });
  });
}

class Stop {
  readonly #child: ChildProcess;
  readonly #timers: NodeJS.Timeout[] = [];
  timedOut = false;
  constructor(child: ChildProcess, timeoutMs: number | undefined) {
    this.#child = child;
    if (timeoutMs === undefined) return;
    this.#timers.push(
      setTimeout(() => {
        this.timedOut = true;
        this.now();
      }, timeoutMs),
    );
  }
  now(): void {
    this.#kill('SIGTERM');
    this.#timers.push(setTimeout(() => this.#kill('SIGKILL'), KILL_AFTER_MS));
  }
  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
  #kill(name: NodeJS.Signals): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, name);
    } catch {
      // The group has ended between the decision and the signal.
    }
  }
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
