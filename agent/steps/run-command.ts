import { z } from 'zod';
import { joinActionVariables, plainActionVariables } from '#agent/sequence/action-variables.ts';
import { defineStep } from '#agent/sequence/step.ts';
import { parseCommandLine } from './command-line.ts';
import { assertAccount, isOn, openFolders, packageReferences, runProgram } from './program.ts';
import { LineText, programSettings, programVariables } from './program-settings.ts';
import { trueOrFalse } from './true-or-false.ts';

const params = z.strictObject({
  commandLine: LineText.min(1).max(32_000).meta({
    title: 'Command line',
    description:
      'Program and arguments; no shell. For pipes and redirection: sh -c "..." or cmd /c ...',
  }),
  ...programSettings,
  disableWow64Redirection: trueOrFalse().default(false).meta({
    title: 'Disable 64-bit file system redirection',
    description: 'The agent has the bits of its system, so that nothing is redirected anyway.',
  }),
});

const account = programVariables({
  workingDirectory: 'WorkingDirectory',
  asUser: 'SMSTSRunCommandLineAsUser',
  userName: 'SMSTSRunCommandLineUserName',
  password: 'SMSTSRunCommandLineUserPassword',
});
const redirection = plainActionVariables({
  SMSTSDisableWow64Redirection: {
    param: 'disableWow64Redirection',
    type: 'boolean',
    schema: z.boolean(),
  },
});

/**
 * Run Command Line (reference: steps, section 6). The order of things is told in `program.ts`. Not run
 * again by itself after an interruption: nobody knows what it had done. With OSDDoNotLogCommand neither
 * the line nor what it prints is logged.
 */
export const runCommand = defineStep({
  type: 'run-command',
  title: 'Run Command Line',
  menu: 'general',
  help: 'Runs a program and judges it by its exit code.',
  action: 'now',
  needs: ['process'],
  runsIn: ['winpe', 'full-os', 'linux-pe'],
  params,
  repeatable: false,
  destructive: false,
  referenceParams: { package: 'package' },
  actionVariables: joinActionVariables(account, redirection),
  references: packageReferences,
  async *run({ commandLine, ...settings }, context) {
    assertAccount(settings, context);
    const argv = parseCommandLine(commandLine);
    const isHidden = isOn(context.variables, 'OSDDoNotLogCommand');
    yield { detail: isHidden ? 'Command' : argv[0] };
    const { startIn } = await openFolders(settings, context);
    context.log(isHidden ? 'Running a command that is not logged' : `Running: ${commandLine}`);
    if (settings.runAs !== undefined) context.log(`It runs as ${settings.runAs.user}`);
    return await runProgram({ argv, commandLine, startIn, isHidden }, settings, context);
  },
});
