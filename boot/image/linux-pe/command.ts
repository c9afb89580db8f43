import { execFile } from 'node:child_process';

/** A tool that builds a boot image failed. `code` is stable and dotted. */
export class BootImageError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  constructor(code: string, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BootImageError';
    this.code = code;
    this.hint = hint;
  }
}

/** How a tool is run. */
export interface CommandOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a tool to its end and gives its standard output.
 * @throws {BootImageError} `boot-image.tool-missing`, `boot-image.tool-failed`; an AbortError
 */
export async function run(
  command: string,
  args: readonly string[],
  { signal, timeoutMs = 600_000, cwd, env }: CommandOptions,
): Promise<string> {
  return await new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      {
        signal,
        timeout: timeoutMs,
        maxBuffer: 256 * 1024 * 1024,
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C.UTF-8', ...env },
        ...(cwd === undefined ? {} : { cwd }),
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else if (signal.aborted) reject(error);
        else reject(describe(command, args, error, stderr));
      },
    );
  });
}

function describe(
  command: string,
  args: readonly string[],
  error: Error & { code?: string | number | null },
  stderr: string,
): BootImageError {
  const called = [command, ...args].join(' ').slice(0, 300);
  if (error.code === 'ENOENT') {
    const hint = `install the Debian package that has ${command}`;
    return new BootImageError('boot-image.tool-missing', `${command} is not installed`, hint, {
      cause: error,
    });
  }
  const words = stderr.trim().split('\n').slice(-8).join('\n');
  const message = `${called} failed (${String(error.code ?? 'killed')}): ${words}`;
  return new BootImageError('boot-image.tool-failed', message, undefined, { cause: error });
}
