import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** How a process ended: an exit code, or the signal that killed it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process the lab started, in a process group of its own; killed whole when disposed. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** True until the process has ended. */
  running(): boolean;
  /** Signals the whole group. Without effect when it has ended. */
  kill(signal: NodeJS.Signals): void;
  /** The last bytes of its log, for evidence. */
  tail(maxBytes?: number): string;
}

/** A command that did not exit with 0. The message has the last of its output. */
export class CommandError extends Error {
  readonly code: string = 'lab.command';
  readonly exit: Exit;
  constructor(argv: readonly string[], exit: Exit, output: string) {
    const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
    super(`${argv.join(' ')}: ${how}\n${output.slice(-4000)}`);
    this.name = 'CommandError';
    this.exit = exit;
  }
}

export interface ChildOptions {
  /** stdout and stderr are appended here: a file, so that a killed reader blocks nobody. */
  readonly logFile: string;
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a long-lived process. @throws {Error} when the program cannot be started */
export async function startChild(
  argv: readonly [string, ...string[]],
  options: ChildOptions,
): Promise<Child> {
  const log = openSync(options.logFile, 'a');
  const child = spawn(argv[0], argv.slice(1), {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: options.cwd,
    env: { ...process.env, ...options.environment },
  });
  closeSync(log);
  const exited = exitOf(child);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${argv[0]} has no pid`);
  const running = () => child.exitCode === null && child.signalCode === null;
  const kill = (signal: NodeJS.Signals) => signalGroup(pid, signal);
  return {
    pid,
    exited,
    running,
    kill,
    tail: (maxBytes = 4000) => readFileSync(options.logFile, 'utf8').slice(-maxBytes),
    async [Symbol.asyncDispose]() {
      if (running()) kill('SIGTERM');
      const late = setTimeout(() => kill('SIGKILL'), 5000);
      await exited;
      clearTimeout(late);
      kill('SIGKILL'); // what it left behind in its group
    },
  };
}

/** Runs a command to its end and returns its stdout. @throws {CommandError} unless it exits with 0 */
export async function runCommand(
  argv: readonly [string, ...string[]],
  options: {
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
    readonly environment?: Readonly<Record<string, string>>;
    readonly input?: string;
    /** Exit codes that are no error. */
    readonly accept?: readonly number[];
  } = {},
): Promise<string> {
  const child = spawn(argv[0], argv.slice(1), {
    detached: true,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin?.end(options.input);
  const stop = () => child.pid !== undefined && signalGroup(child.pid, 'SIGKILL');
  const timer = setTimeout(stop, options.timeoutMs ?? 120_000);
  options.signal?.addEventListener('abort', stop);
  try {
    const exit = await exitOf(child);
    const fine = exit.code === 0 || options.accept?.includes(exit.code ?? -1);
    if (!fine) throw new CommandError(argv, exit, stdout + stderr);
    return stdout;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', stop);
  }
}

/** Reads the first bytes of a log; empty when it is not there yet. */
export async function readLog(path: string): Promise<string> {
  try {
    await using file = await open(path);
    return await file.readFile('utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
    child.once('error', reject);
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: the group is gone, which is what was wanted
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
