import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The processor time of a program with all its threads and children, also of those that have ended: a control
 * group of its own, version 1 or 2, which the kernel counts in nanoseconds.
 */
export interface ProcessorMeter extends AsyncDisposable {
  /** Command line that runs `argv` inside, as the same process. */
  wrap(argv: readonly [string, ...string[]]): [string, ...string[]];
  /** So far, in seconds. */
  seconds(): Promise<number>;
}

const VERSION_1 = '/sys/fs/cgroup/cpuacct';
const VERSION_2 = '/sys/fs/cgroup';

/** Opens one. @throws where control groups cannot be made: only root can */
export async function openProcessorMeter(): Promise<ProcessorMeter> {
  const old = existsSync(join(VERSION_1, 'cpuacct.usage'));
  const name = `metalwright-bench-${process.pid}-${randomBytes(3).toString('hex')}`;
  const folder = join(old ? VERSION_1 : VERSION_2, name);
  await mkdir(folder);
  return {
    wrap: (argv) => [
      'sh',
      '-c',
      'echo $$ >"$0" && exec "$@"',
      join(folder, 'cgroup.procs'),
      ...argv,
    ],
    async seconds() {
      if (old) return Number(await readFile(join(folder, 'cpuacct.usage'), 'utf8')) / 1e9;
      const text = await readFile(join(folder, 'cpu.stat'), 'utf8');
      return Number(/^usage_usec (\d+)$/m.exec(text)?.[1]) / 1e6;
    },
    async [Symbol.asyncDispose]() {
      // The last process may be gone a moment after its end was told.
      for (let tries = 0; tries < 50; tries += 1) {
        const left = await rmdir(folder).then(
          () => false,
          () => true,
        );
        if (!left) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}
