import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { StepError } from '../../sequence/step-error.ts';
import { endProcessTree } from './process-tree.ts';
import type { Win32 } from './win32.ts';

/** What a program left running may hold its output open for ever. */
const DRAIN_MS = 500;
/** A process in the middle of a device's I/O does not end even so; it is not waited for for ever. */
const GIVE_UP_MS = 10_000;
/** Exit code of what was killed: ERROR_PROCESS_ABORTED. */
const KILLED_CODE = 1067;
const NOT_FOUND_CODE = 0x80070002;

/** A program to run: argv, never a shell string. */
export interface WindowsCommand {
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string | undefined;
  /** The whole environment of the child; the agent's own when left out. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** @default none */
  readonly timeoutMs?: number | undefined;
  /** Its standard input; without it there is none. */
  readonly input?: string | Uint8Array | undefined;
  /** The arguments are one text already, as cmd.exe reads it: nothing is put into quotation marks. */
  readonly verbatim?: boolean | undefined;
  /** Called with each piece of what it writes to stdout, as it comes. */
  readonly onStdout?: ((bytes: Uint8Array) => void) | undefined;
  /** Of stdout, and of both: the last bytes are kept. @default 64 KiB */
  readonly keptBytes?: number | undefined;
}
export interface WindowsResult {
  /** Unsigned: an HRESULT is 0x8007… */
  readonly code: number;
  readonly stdout: Uint8Array;
  /** Stdout and stderr as they came. */
  readonly output: Uint8Array;
  /** Whether more was written to stdout than was kept. */
  readonly cut: boolean;
  readonly timedOut: boolean;
}

/**
 * Runs a program of Windows to its end; at the time-out or when cancelled it is killed with all that it
 * started. What it leaves running when it ends by itself goes on. @throws {StepError} `process.not-found`,
 * `process.start`
 */
export async function runProcess(
  command: WindowsCommand,
  win32: Pick<Win32, 'createJob'> | undefined,
  signal: AbortSignal,
): Promise<WindowsResult> {
  signal.throwIfAborted();
  const child = start(command);
  const job = child.pid === undefined ? undefined : win32?.createJob(child.pid);
  const [stdout, both] = [new Tail(command.keptBytes), new Tail(command.keptBytes)];
  child.stdout?.on('data', (bytes: Buffer) => {
    stdout.add(bytes);
    both.add(bytes);
    command.onStdout?.(bytes);
  });
  child.stderr?.on('data', (bytes: Buffer) => both.add(bytes));
  // A child that does not read its input is no fault of ours: it shows in its exit code.
  child.stdin?.on('error', () => {});
  child.stdin?.end(command.input);
  let timedOut = false;
  let stopping: Promise<void> | undefined;
  const gaveUp = Promise.withResolvers<number>();
  const stop = (): void => {
    stopping ??= endProcessTree(child, job);
    void stopping.then(() => setTimeout(() => gaveUp.resolve(KILLED_CODE), GIVE_UP_MS).unref());
  };
  const timer = startTimer(command.timeoutMs, () => {
    timedOut = true;
    stop();
  });
  signal.addEventListener('abort', stop);
  try {
    const code = await Promise.race([ended(child, command), gaveUp.promise]);
    return { code, stdout: stdout.bytes(), output: both.bytes(), cut: stdout.cut, timedOut };
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(timer);
    await stopping;
    job?.close();
    signal.throwIfAborted();
  }
}

function startTimer(ms: number | undefined, over: () => void): NodeJS.Timeout | undefined {
  return ms === undefined ? undefined : setTimeout(over, ms);
}

function start(command: WindowsCommand): ChildProcess {
  const [program, ...args] = command.argv;
  try {
    return spawn(program, args, {
      cwd: command.cwd,
      env: { ...(command.environment ?? process.env) },
      stdio: [command.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      windowsHide: true,
      windowsVerbatimArguments: command.verbatim === true,
    });
  } catch (error) {
    throw startFailure(command, error);
  }
}

async function ended(child: ChildProcess, command: WindowsCommand): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(startFailure(command, error)));
    const finish = (code: number | null): void => resolve((code ?? KILLED_CODE) >>> 0);
    child.once('close', finish);
    let pieces = 0;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', () => (pieces += 1));
    child.once('exit', (code) => {
      let drained: NodeJS.Timeout | undefined;
      const drain = (): void => {
        const before = pieces;
        // What came while this thread was busy is read behind its timers, and before its immediates.
        drained = setTimeout(
          () => setImmediate(() => (pieces > before ? drain() : leave())),
          DRAIN_MS,
        );
      };
      const leave = (): void => {
        for (const stream of [child.stdout, child.stderr])
          if (stream instanceof Socket) stream.unref();
        finish(code);
      };
      drain();
      child.once('close', () => clearTimeout(drained));
    });
  });
}

function startFailure({ argv, cwd }: WindowsCommand, error: unknown): StepError {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const reason = error instanceof Error ? error.message : String(error);
  if (code === 'ENOENT')
    return new StepError(
      'process.not-found',
      `there is no program ${argv[0]}${cwd === undefined ? '' : `, or no folder ${cwd}`}`,
      { exitCode: NOT_FOUND_CODE, cause: error },
    );
  return new StepError('process.start', `cannot start ${argv[0]}: ${reason.slice(0, 300)}`, {
    cause: error,
  });
}

class Tail {
  readonly #keptBytes: number;
  #parts: Buffer[] = [];
  #size = 0;
  cut = false;

  constructor(keptBytes = 64 * 1024) {
    this.#keptBytes = keptBytes;
  }

  add(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#size += bytes.length;
    this.cut ||= this.#size > this.#keptBytes;
    if (this.#size < 2 * this.#keptBytes) return;
    const tail = Buffer.concat(this.#parts).subarray(-this.#keptBytes);
    this.#parts = [tail];
    this.#size = tail.length;
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#parts).subarray(-this.#keptBytes);
  }
}
