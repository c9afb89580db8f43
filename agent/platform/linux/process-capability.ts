import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Environment } from '../../protocol/policy.ts';
import type { ProcessCapability } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step.ts';
import { environmentBytes, fitEnvironment } from './environment-limit.ts';
import { runCommand, runTool } from './process.ts';
import { accountEnvironment, asAccount, findAccount, lendContent } from './run-as.ts';
import { scratchFolders } from './scratch.ts';

/** A command may have left gigabytes to write to a slow disk. */
const SYNC_TIMEOUT_MS = 30 * 60_000;
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** HRESULT of ERROR_FILE_NOT_FOUND. */
const NOT_FOUND_CODE = 0x80070002;

/**
 * Commands of steps: root in Linux PE and in the installed OS. Nobody knows where a command writes, so
 * all file systems are synced after it: what `step-finished` tells must be true after a power cut.
 */
export function linuxProcess(options: {
  readonly environment: Environment;
  readonly scratchFolder: string;
  /** Where packages are: what another account runs out of them is lent to it. */
  readonly contentFolder: string;
  readonly log: (message: string) => void;
}): ProcessCapability {
  const scratch = scratchFolders(options.scratchFolder);
  return {
    async run({ argv, cwd, environment, timeoutMs, runAs }, signal) {
      const account = runAs && (await findAccount(runAs, options.environment, signal));
      const words = [...argv, cwd ?? ''];
      const lent = account && (await lendContent(options.contentFolder, words, account));
      await using _given = lent;
      const command = account ? asAccount(argv, account) : argv;
      const wanted = {
        ...inherited(),
        ...environment,
        ...(account ? accountEnvironment(account) : {}),
      };
      const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
      const fitted = fitEnvironment(wanted, command, environmentBytes(limits));
      if (fitted.leftOut.length > 0)
        options.log(
          `Variables that are too big for an environment are left out: ${fitted.leftOut.join(', ').slice(0, 1000)}`,
        );
      const result = await runCommand(
        { argv: command, cwd, environment: fitted.environment, timeoutMs },
        signal,
      );
      const { code, output, timedOut } = result;
      if (account && code === 127 && output.startsWith('setpriv: failed to execute'))
        throw new StepError('process.not-found', `there is no program ${argv[0]}`, {
          exitCode: NOT_FOUND_CODE,
        });
      await runTool(['sync'], signal, { timeoutMs: SYNC_TIMEOUT_MS });
      return { code, output, timedOut };
    },
    async scratch(files, signal, reader) {
      const account = reader && (await findAccount(reader, options.environment, signal));
      return scratch(files, signal, account);
    },
    async powershell() {
      const pwsh = await inPath('pwsh', inherited()['PATH'] ?? DEFAULT_PATH);
      if (pwsh !== undefined) return [pwsh];
      throw new StepError('powershell.missing', 'There is no PowerShell (pwsh) on this machine', {
        hint: 'Install the package powershell, or use a step that runs a shell script.',
        exitCode: NOT_FOUND_CODE,
      });
    },
  };
}

/** What every program expects; the agent's settings are not a child's business. */
function inherited(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'LANG', 'TERM', 'TZ', 'USER', 'LOGNAME'];
  const found: Record<string, string> = {};
  for (const name of kept) {
    const value = process.env[name];
    if (value !== undefined) found[name] = value;
  }
  return { PATH: DEFAULT_PATH, ...found };
}

async function inPath(program: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter((each) => isAbsolute(each))) {
    const file = join(folder, program);
    const isFile = (await stat(file).catch(() => undefined))?.isFile() === true;
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isFile && runs) return file;
  }
  return undefined;
}
