import { z } from 'zod';
import { defineStep, type StepContext, StepError } from '#agent/sequence/step.ts';
import { isAbsolute, pathInside } from './package-path.ts';
import { parsePowerShellArguments } from './powershell-arguments.ts';
import { assertAccount, isOn, openFolders, packageReferences, runProgram } from './program.ts';
import { LineText, programSettings, programVariables } from './program-settings.ts';

/** HRESULT of ERROR_FILE_NOT_FOUND. */
const NOT_FOUND_CODE = 0x80070002;
const INLINE_FILE = 'script.ps1';

const params = z
  .strictObject({
    script: z.string().min(1).max(200_000).optional().meta({
      title: 'PowerShell script',
      description:
        'The text of the script, instead of a package. %Name% is not put into it: it reads variables from its environment.',
    }),
    ...programSettings,
    scriptName: z
      .string()
      .min(1)
      .max(255)
      .refine((name) => /\.ps1$/i.test(name.trim()), 'the name of a script ends with .ps1')
      .refine((name) => !isAbsolute(name.trim()), 'the script is a file of the package')
      .optional()
      .meta({ title: 'Script name', description: 'The file in the package: .\\Scripts\\x.ps1' }),
    parameters: LineText.max(32_000).default('').meta({
      title: 'Parameters',
      description:
        "The script's own parameters, with single quotes around values: -Name 'two words'. They are texts: $true and @() are not computed.",
    }),
    executionPolicy: z.enum(['AllSigned', 'Undefined', 'Bypass']).default('AllSigned').meta({
      title: 'PowerShell execution policy',
      description: 'AllSigned runs signed scripts alone; Bypass runs any. Only Windows heeds it.',
    }),
  })
  .superRefine(({ script, package: content, scriptName }, context) => {
    const issue = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (script !== undefined && (content !== undefined || scriptName !== undefined))
      issue('script', 'is either a text here or a file of a package, not both');
    else if (script === undefined && content === undefined)
      issue('script', 'needs the text of a script, or a package and the name of the script in it');
    else if (script === undefined && scriptName === undefined)
      issue('scriptName', 'needs the name of the script in the package');
  });
type Params = z.output<typeof params>;

/**
 * Run PowerShell Script (reference: steps, section 6). The order of things is told in `program.ts`. The
 * text of an inline script is a file of a scratch folder while it runs. Parameters are not logged,
 * unless OSDLogPowerShellParameters is TRUE. Not run again by itself after an interruption.
 */
export const runPowerShell = defineStep({
  type: 'run-powershell',
  title: 'Run PowerShell Script',
  menu: 'general',
  help: 'Runs a PowerShell script, written here or in a package.',
  action: 'now',
  needs: ['process'],
  runsIn: ['winpe', 'full-os', 'linux-pe'],
  params,
  repeatable: false,
  destructive: false,
  referenceParams: { package: 'package' },
  verbatimParams: ['script'],
  actionVariables: programVariables({
    workingDirectory: 'SMSTSRunPowerShellWorkingDirectory',
    asUser: 'SMSTSRunPowerShellAsUser',
    userName: 'SMSTSRunPowerShellUserName',
    password: 'SMSTSRunPowerShellUserPassword',
  }),
  references: packageReferences,
  async *run(params, context) {
    const { script, parameters, executionPolicy } = params;
    assertAccount(params, context);
    const args = parsePowerShellArguments(parameters);
    const powershell = await findPowerShell(context);
    yield { detail: params.scriptName ?? 'PowerShell script' };
    const { folder, startIn } = await openFolders(params, context);
    await using scratch = script === undefined ? undefined : await written(script, params, context);
    const path = scratch?.file(INLINE_FILE) ?? scriptOf(params, folder ?? '', context);
    const shown = isOn(context.variables, 'OSDLogPowerShellParameters') ? ` ${parameters}` : '';
    context.log(`Running the PowerShell script ${params.scriptName ?? 'of this step'}${shown}`);
    if (params.runAs !== undefined) context.log(`It runs as ${params.runAs.user}`);
    const options = ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', executionPolicy];
    const argv = [...powershell, ...options, '-File', path, ...args] as const;
    return await runProgram({ argv, startIn }, params, context);
  },
});

/** The text as a file that whom it runs as can read. */
async function written(script: string, { runAs }: Params, { platform, signal }: StepContext) {
  // UTF-8 with a byte order mark: Windows PowerShell takes a script without one for ANSI.
  const text = script.startsWith('\ufeff') ? script : `\ufeff${script}`;
  const files = { [INLINE_FILE]: new TextEncoder().encode(text) };
  return await platform.process.scratch(files, signal, runAs);
}

/** The file of the package, by the name that the package has it under: Windows does not tell case. */
function scriptOf(
  { package: content, scriptName = '' }: Params,
  folder: string,
  context: StepContext,
) {
  const wanted = pathInside('/', scriptName.trim())?.slice(1).toLowerCase();
  const objects = content?.id === undefined ? [] : context.content.manifest(content.id).objects;
  const found = objects.find(({ path }) => path.toLowerCase() === wanted);
  const path = found === undefined ? undefined : pathInside(folder, found.path);
  if (path !== undefined) return path;
  throw new StepError(
    'powershell.script-missing',
    `Package ${content?.id ?? ''} has no file ${scriptName}`,
    {
      hint: 'Correct the name of the script, or add the file to the package and distribute it.',
      exitCode: NOT_FOUND_CODE,
    },
  );
}

async function findPowerShell({ platform, signal }: StepContext) {
  try {
    return await platform.process.powershell(signal);
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'powershell.missing') throw error;
    throw new StepError('powershell.missing', error.message, {
      cause: error,
      exitCode: NOT_FOUND_CODE,
      hint: 'Windows PE needs WinPE-NetFX and WinPE-PowerShell in its boot image, Linux the program pwsh.',
    });
  }
}
