import { z } from 'zod';
import { defineStep, StepError } from '#agent/sequence/step.ts';
import { variableNameProblem } from '#agent/sequence/variables.ts';
import { parseCommandLine } from './command-line.ts';
import { wholeNumber } from './whole-number.ts';

/** ERROR_SUCCESS_REBOOT_REQUIRED: the program asks for a restart, and must not restart by itself. */
const RESTART_CODE = 3010;
/** HRESULT of ERROR_TIMEOUT. */
const TIMEOUT_CODE = 0x800705b4;
const OUTPUT_CHARACTERS = 1000;

const params = z.strictObject({
  commandLine: z.string().min(1).max(32_000).meta({
    title: 'Command line',
    description:
      'Program and arguments; no shell. For pipes and redirection: sh -c "..." or cmd /c ...',
  }),
  workingDirectory: z
    .string()
    .max(255)
    .optional()
    .meta({ title: 'Start in', description: 'Absolute path of the working directory.' }),
  timeoutMinutes: wholeNumber(1, 999)
    .optional()
    .meta({ title: 'Time-out (minutes)', description: 'Then it is killed and the step fails.' }),
  successCodes: z.array(wholeNumber(0, 0xffff_ffff)).min(1).default([0, RESTART_CODE]).meta({
    title: 'Success codes',
    description: 'Exit codes that count as success. 3010 asks for a restart too.',
  }),
  outputVariable: z
    .string()
    .max(256)
    .refine((name) => variableNameProblem(name) === undefined, 'no name of a writable variable')
    .optional()
    .meta({
      title: 'Output to task sequence variable',
      description: 'Receives the last 1,000 characters that the command printed.',
    }),
});

/** Run Command Line. Not run again by itself after an interruption: nobody knows what it had done. */
export const runCommand = defineStep({
  type: 'run-command',
  title: 'Run Command Line',
  needs: ['process'],
  runsIn: ['winpe', 'full-os', 'linux-pe'],
  params,
  repeatable: false,
  destructive: false,
  references: () => [],
  async *run(
    { commandLine, workingDirectory, timeoutMinutes, successCodes, outputVariable },
    context,
  ) {
    const argv = parseCommandLine(commandLine);
    const isHidden = context.variables.value('OSDDoNotLogCommand')?.toLowerCase() === 'true';
    context.log(isHidden ? 'Running a command that is not logged' : `Running: ${commandLine}`);
    yield { detail: isHidden ? 'Command' : argv[0] };
    const { code, output, timedOut } = await context.platform.process.run(
      {
        argv,
        environment: context.environment(),
        ...(workingDirectory === undefined ? {} : { cwd: workingDirectory }),
        ...(timeoutMinutes === undefined ? {} : { timeoutMs: timeoutMinutes * 60_000 }),
      },
      context.signal,
    );
    if (timedOut)
      throw new StepError(
        'step.timeout',
        `The command was killed: it ran longer than ${timeoutMinutes} minutes`,
        { exitCode: TIMEOUT_CODE },
      );
    if (output !== '' && !isHidden) context.log(output);
    if (!successCodes.includes(code))
      throw new StepError(
        'step.exit-code',
        `The command ended with exit code ${code}; success is ${successCodes.join(', ')}`,
        { exitCode: code, hint: 'What it printed is in the log of the run.' },
      );
    const inFullOs = context.platform.environment === 'full-os';
    if (outputVariable !== undefined)
      context.variables.set(outputVariable, output.trimEnd().slice(-OUTPUT_CHARACTERS));
    return {
      code,
      ...(code === RESTART_CODE ? { restart: inFullOs ? ('disk' as const) : ('pe' as const) } : {}),
    };
  },
});
