/** Running an installer as packages and applications have it: in the folder of its content, judged by its exit code. */
import { type StepContext, StepError } from '#agent/sequence/step.ts';
import { parseCommandLine } from '../command-line.ts';
import { isAbsolute, pathInside } from '../package-path.ts';
import { isOn } from '../program.ts';
import { unsigned } from '../program-settings.ts';

/** ERROR_SUCCESS_REBOOT_INITIATED: a restart that does not wait. */
const REBOOT_INITIATED = 1641;
/** HRESULTs of ERROR_TIMEOUT and ERROR_DIRECTORY. */
const TIMEOUT_CODE = 0x800705b4;
const DIRECTORY_CODE = 0x8007010b;

/** What is run, and where. */
export interface Installer {
  /** For people: `Setup: install`. */
  readonly name: string;
  readonly commandLine: string;
  readonly workingDirectory?: string | undefined;
  /** The folder of its content; undefined where it has none. */
  readonly folder: string | undefined;
  readonly successCodes: readonly number[];
  readonly rebootCodes: readonly number[];
  readonly maxRunMinutes: number;
}

/** How an installer ended that did not fail. */
export interface InstallerEnd {
  readonly code: number;
  /** `now`: nothing more is to be begun before it. */
  readonly restart: 'none' | 'later' | 'now';
}

/**
 * Runs it to its end. With OSDDoNotLogCommand neither its line nor what it prints is logged.
 * @throws {StepError} `step.timeout`, `step.exit-code`, `command.start-in`, `command.*`, `process.*`
 */
export async function runInstaller(
  installer: Installer,
  context: StepContext,
): Promise<InstallerEnd> {
  const { name, commandLine, maxRunMinutes, rebootCodes, successCodes } = installer;
  const argv = parseCommandLine(commandLine);
  const cwd = startIn(installer);
  const isHidden = isOn(context.variables, 'OSDDoNotLogCommand');
  context.log(isHidden ? `Running ${name}` : `Running ${name}: ${commandLine}`);
  const result = await context.platform.process.run(
    {
      argv,
      commandLine,
      environment: context.environment(),
      timeoutMs: maxRunMinutes * 60_000,
      ...(cwd === undefined ? {} : { cwd }),
    },
    context.signal,
  );
  const code = unsigned(result.code);
  if (result.output !== '' && !isHidden) context.log(result.output);
  if (result.timedOut)
    throw new StepError(
      'step.timeout',
      `${name} was killed: it ran longer than ${maxRunMinutes} minutes`,
      {
        exitCode: TIMEOUT_CODE,
        hint: 'Give it more time, or look what it waits for: it is to be silent.',
      },
    );
  context.log(`${name} ended with exit code ${code}`);
  if (rebootCodes.includes(code))
    return { code, restart: code === REBOOT_INITIATED ? 'now' : 'later' };
  if (successCodes.includes(code)) return { code, restart: 'none' };
  throw new StepError(
    'step.exit-code',
    `${name} ended with exit code ${code}; success is ${[...successCodes, ...rebootCodes].join(', ')}`,
    { exitCode: code, hint: 'What it printed is in the log of the run.' },
  );
}

function startIn({ workingDirectory = '', folder, name }: Installer): string | undefined {
  const wanted = workingDirectory.trim();
  if (wanted === '') return folder;
  if (isAbsolute(wanted)) return wanted;
  const inside = folder === undefined ? undefined : pathInside(folder, wanted);
  if (inside !== undefined) return inside;
  throw new StepError('command.start-in', `${name} cannot start in ${wanted}`, {
    hint: 'Give an absolute path, or a folder inside its content.',
    exitCode: DIRECTORY_CODE,
  });
}
