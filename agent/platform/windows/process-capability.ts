import { stat } from 'node:fs/promises';
import type { ProcessCapability, RunAs } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step-error.ts';
import { childEnvironment, valueOf } from './child-environment.ts';
import type { WindowsMachineParts } from './parts.ts';
import { flushVolumes } from './power.ts';
import { runAsOther } from './run-as.ts';
import { runProcess, type WindowsCommand } from './run-process.ts';
import { decodeConsole } from './tools/decode-console.ts';
import { startedCommand } from './windows-command.ts';

/** HRESULTs of ERROR_FILE_NOT_FOUND and ERROR_NOT_SUPPORTED. */
const NOT_FOUND_CODE = 0x80070002;
const NOT_SUPPORTED_CODE = 0x80070032;

/**
 * Commands of steps: as Local System in Windows PE and in the installed Windows. Nobody knows where a
 * command writes, so all volumes are flushed after it: what `step-finished` tells must be true after a power
 * cut.
 */
export function windowsProcess(
  parts: Pick<
    WindowsMachineParts,
    'win32' | 'query' | 'settings' | 'systemRoot' | 'scratch' | 'log'
  > & {
    readonly codePage: number;
    /** This agent as the first words of an argv. */
    readonly agentArgv: readonly [string, ...string[]];
  },
): ProcessCapability {
  const { win32, systemRoot, log, settings } = parts;
  const own = parts.query.environment;
  const unflushed = new Set<string>();
  return {
    async run(command, signal) {
      const { runAs, cwd, timeoutMs } = command;
      if (runAs && settings.environment !== 'full-os')
        throw noAccounts(runAs, settings.environment);
      const { environment, leftOut } = childEnvironment(own, command.environment);
      if (leftOut.length > 0)
        log(
          `Variables that no environment takes are left out: ${leftOut.join(', ').slice(0, 1000)}`,
        );
      const { argv, verbatim } = await startedCommand(
        { ...command, path: valueOf(environment, 'PATH') ?? '' },
        { isFile, shell: `${systemRoot}\\System32\\cmd.exe` },
      );
      const started = { argv, verbatim, cwd, timeoutMs, environment };
      const run = async (each: WindowsCommand, until: AbortSignal) =>
        runProcess(each, win32, until);
      const result = runAs
        ? await runAsOther(
            { ...started, account: runAs },
            { agent: parts.agentArgv, scratch: async (...given) => parts.scratch(...given), run },
            signal,
          )
        : await run(started, signal);
      flushVolumes(win32, log, unflushed);
      const { code, output, timedOut } = result;
      return { code, timedOut, output: decodeConsole(output, parts.codePage) };
    },
    scratch: parts.scratch,
    async powershell() {
      const program = `${systemRoot}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`;
      if (await isFile(program)) return [program];
      throw new StepError('powershell.missing', `There is no PowerShell: ${program} is missing`, {
        hint: 'The boot image needs WinPE-NetFX and WinPE-PowerShell.',
        exitCode: NOT_FOUND_CODE,
      });
    },
  };
}

function noAccounts({ user }: RunAs, environment: string): StepError {
  return new StepError(
    'command.run-as-pe',
    `Cannot run as ${user} in ${environment}: there are no accounts`,
    {
      hint: 'Take the account out, or move the step behind the restart into the installed system.',
      exitCode: NOT_SUPPORTED_CODE,
    },
  );
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
