import type { Environment } from '../../protocol/policy.ts';
import type { PowerCapability } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step-error.ts';
import type { RunWindowsTool } from './run-tool.ts';
import type { Win32 } from './win32.ts';

/** How long Windows may take to go down before that is a failure; services may hold it up. */
const GOES_DOWN_MS = 15 * 60_000;
const TOOL_TIMEOUT_MS = 120_000;

/**
 * Restarts: what Windows has of its volumes goes to the disks first. Does not come back, unless the tool
 * fails or the machine is still up long after: that is an error, for the screen.
 */
export function windowsPower(options: {
  readonly environment: Environment;
  readonly runTool: RunWindowsTool;
  readonly win32: Pick<Win32, 'volumes' | 'flushVolume'> | undefined;
  readonly log: (message: string) => void;
  readonly wait?: (ms: number) => Promise<void>;
}): PowerCapability {
  const { environment, runTool, win32, log, wait = waitHolding } = options;
  const argv: readonly [string, ...string[]] =
    environment === 'winpe'
      ? ['wpeutil.exe', 'reboot']
      : ['shutdown.exe', '/r', '/f', '/t', '0', '/c', 'Metalwright: task sequence'];
  return {
    async restart() {
      flushVolumes(win32, log);
      const { signal } = new AbortController();
      await runTool({ argv, timeoutMs: TOOL_TIMEOUT_MS }, signal);
      await wait(GOES_DOWN_MS);
      throw new StepError(
        'power.restart',
        `${argv.join(' ')} ended well, and the machine is still running`,
        { hint: 'Restart it by hand: the run goes on where it is.' },
      );
    },
  };
}

/**
 * Volumes that cannot be flushed are mostly optical drives and empty card readers: each is told once.
 * @param told those of earlier calls
 */
export function flushVolumes(
  win32: Pick<Win32, 'volumes' | 'flushVolume'> | undefined,
  log: (message: string) => void,
  told = new Set<string>(),
): void {
  if (!win32) return;
  let volumes: readonly string[] = [];
  try {
    volumes = win32.volumes();
  } catch (error) {
    log(`The volumes cannot be listed to be flushed: ${String(error)}`);
  }
  for (const volume of volumes)
    try {
      win32.flushVolume(volume);
    } catch (error) {
      if (!told.has(volume)) log(`${volume} is not flushed: ${String(error)}`);
      told.add(volume);
    }
}

async function waitHolding(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
