/**
 * Running a program to its end, as Run Command Line and Run PowerShell Script do. The order of things is
 * fixed, and the same for both:
 *
 * 1. Settings that the sequence set beforehand as variables replace the step's own.
 * 2. Another account is refused in PE; nothing was done yet.
 * 3. The package is made available; it, or "Start in", is the folder to start in.
 * 4. The line is logged, and the program is run; at the time-out it is killed with all it started.
 * 5. What it printed is logged, and its end put into the output variable, whatever follows.
 * 6. A time-out fails the step; then the exit code does, unless it is one of the success codes.
 * 7. 3010 and 1641 restart the machine into the environment it is in, and the next step follows there.
 *    Linux has no such codes, its own have eight bits: a script sets SMSTSRebootRequested there.
 */
import { isSecretName } from '#agent/sequence/secret-names.ts';
import { type StepContext, StepError, type StepResult } from '#agent/sequence/step.ts';
import type { StepVariables } from '#agent/sequence/step-variables.ts';
import { isAbsolute, pathInside } from './package-path.ts';
import { type ProgramSettings, REBOOT_REQUIRED, unsigned } from './program-settings.ts';

/** ERROR_SUCCESS_REBOOT_INITIATED: the program has begun a restart; the engine makes it its own. */
const REBOOT_INITIATED = 1641;
/** HRESULTs of ERROR_TIMEOUT, ERROR_NOT_SUPPORTED, ERROR_DIRECTORY. */
const TIMEOUT_CODE = 0x800705b4;
const NOT_SUPPORTED_CODE = 0x80070032;
const DIRECTORY_CODE = 0x8007010b;
const OUTPUT_CHARACTERS = 1000;

/** Whether a variable that is a switch is on: `TRUE`, in any case. */
export function isOn(variables: StepVariables, name: string): boolean {
  return variables.value(name)?.trim().toLowerCase() === 'true';
}

/** @throws {StepError} `command.run-as-pe`: in PE there are no accounts */
export function assertAccount(
  { runAs }: Pick<ProgramSettings, 'runAs'>,
  { platform }: StepContext,
): void {
  if (runAs === undefined || platform.environment === 'full-os') return;
  throw new StepError(
    'command.run-as-pe',
    `Cannot run as ${runAs.user} in ${platform.environment}: there are no accounts`,
    {
      hint: 'Take the account out, or move the step behind the restart into the installed system.',
      exitCode: NOT_SUPPORTED_CODE,
    },
  );
}

/** The ids of the package that a program is run from: one or none. */
export function packageReferences({ package: content }: Pick<ProgramSettings, 'package'>) {
  return content?.id === undefined ? [] : [content.id];
}

/**
 * Makes the package available. Returns its folder, if there is a package, and where to start.
 * @throws {StepError} `content.*`, `command.start-in`
 */
export async function openFolders(
  { package: content, workingDirectory }: Pick<ProgramSettings, 'package' | 'workingDirectory'>,
  { content: access, signal }: StepContext,
): Promise<{ readonly folder: string | undefined; readonly startIn: string | undefined }> {
  if (content !== undefined && content.id === undefined)
    throw new StepError(
      'content.missing',
      `The package "${content.name}" was not resolved to an id`,
      { hint: 'Add the package to the server under that name, or correct the name.' },
    );
  const folder = content?.id === undefined ? undefined : await access.folder(content.id, signal);
  const wanted = workingDirectory?.trim() ?? '';
  if (wanted === '') return { folder, startIn: folder };
  if (isAbsolute(wanted)) return { folder, startIn: wanted };
  const startIn = folder === undefined ? undefined : pathInside(folder, wanted);
  if (startIn !== undefined) return { folder, startIn };
  throw new StepError(
    'command.start-in',
    folder === undefined
      ? `Cannot start in ${wanted}: without a package it must be an absolute path`
      : `Cannot start in ${wanted}: it leads out of the package`,
    {
      hint: 'Give an absolute path, or the package that holds the folder.',
      exitCode: DIRECTORY_CODE,
    },
  );
}

/**
 * Runs it and judges how it ended: points 4 to 7.
 * @param program `isHidden`: neither its name nor what it prints may be in the log
 * @throws {StepError} `step.timeout`, `step.exit-code`, `process.*`, `command.run-as`
 */
export async function runProgram(
  program: {
    readonly argv: readonly [string, ...string[]];
    readonly commandLine?: string;
    readonly startIn: string | undefined;
    readonly isHidden?: boolean;
  },
  settings: Pick<ProgramSettings, 'timeoutMinutes' | 'successCodes' | 'outputVariable' | 'runAs'>,
  context: StepContext,
): Promise<StepResult> {
  const { timeoutMinutes, successCodes, outputVariable } = settings;
  const { code: ended, output, timedOut } = await start(program, settings, context);
  const code = unsigned(ended);
  if (output !== '' && program.isHidden !== true) context.log(output);
  if (outputVariable !== undefined)
    context.variables.set(outputVariable, endOf(output, outputVariable, context.variables));
  if (timedOut)
    throw new StepError(
      'step.timeout',
      `The command was killed: it ran longer than ${timeoutMinutes} minutes`,
      { exitCode: TIMEOUT_CODE },
    );
  if (!successCodes.includes(code))
    throw new StepError(
      'step.exit-code',
      `The command ended with exit code ${describe(code)}; success is ${successCodes.map(describe).join(', ')}`,
      { exitCode: code, hint: 'What it printed is in the log of the run.' },
    );
  if (code !== REBOOT_REQUIRED && code !== REBOOT_INITIATED) return { code };
  const restart = context.platform.environment === 'full-os' ? 'disk' : 'pe';
  // What has begun already leaves no time for a notice.
  return { code, restart, ...(code === REBOOT_INITIATED ? { restartDelayMs: 0 } : {}) };
}

async function start(
  { argv, commandLine, startIn, isHidden }: Parameters<typeof runProgram>[0],
  { timeoutMinutes, runAs }: Parameters<typeof runProgram>[1],
  context: StepContext,
) {
  try {
    return await context.platform.process.run(
      {
        argv,
        environment: context.environment(),
        ...(commandLine === undefined ? {} : { commandLine }),
        ...(startIn === undefined ? {} : { cwd: startIn }),
        ...(timeoutMinutes === undefined ? {} : { timeoutMs: timeoutMinutes * 60_000 }),
        ...(runAs === undefined ? {} : { runAs }),
      },
      context.signal,
    );
  } catch (error) {
    if (isHidden !== true || !(error instanceof StepError)) throw error;
    // The platform names the program in its message, which is not to be seen.
    const { code, exitCode } = error;
    const message = 'The command that is not logged could not be run';
    throw new StepError(code, message, {
      exitCode,
      hint: 'Unset OSDDoNotLogCommand to see which program it is.',
    });
  }
}

/** HRESULTs are known by their hexadecimal form. */
function describe(code: number): string {
  return code < 0x8000_0000 ? String(code) : `${code} (0x${code.toString(16)})`;
}

/**
 * The end of what was printed, as a variable holds it. A secret in it is hidden before it is cut, as
 * half of one would not be known for what it is. No NUL: a later command could not be given it.
 */
function endOf(output: string, name: string, variables: StepVariables): string {
  const isSecret = variables.get(name)?.secret === true || isSecretName(name);
  const shown = isSecret ? output : variables.hide(output);
  return shown.replaceAll('\0', '').trimEnd().slice(-OUTPUT_CHARACTERS).toWellFormed();
}
