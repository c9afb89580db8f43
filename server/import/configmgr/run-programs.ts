import type { MappedStep, MapStep } from '../map-step.ts';
import { withoutRunAs } from '../mdt/run-as.ts';
import { placeholder } from '../placeholder.ts';
import { withSingleQuotes } from '../single-quotes.ts';
import type { StepReader } from '../step-reader.ts';
import { programSettings } from './program.ts';
import { readScriptSource } from './script-source.ts';
import { switchBeside } from './setting-values.ts';
import { typed } from './typed-step.ts';

/** `smsswd.exe /run:ABC00012 setup.exe`: the package, and what is run in it. */
const RUN = /^\s*"?smsswd\.exe"?\s+\/run:(\S*)\s*([^]*)$/i;

/** Without these it would be another script. */
const keep = ['script', 'scriptName', 'package', 'parameters'];
const executionPolicies = ['AllSigned', 'Undefined', 'Bypass'] as const;

/** Run Command Line; of MDT the action is the line itself. */
export const runCommandLine: MapStep = (reader) => {
  const [, packageId = '', line] = RUN.exec(reader.step.action) ?? [];
  const content = reader.reference('package', 'PackageID') ?? reader.referTo('package', packageId);
  const commandLine = withoutRunAs(reader.text('CommandLine') ?? line ?? reader.step.action);
  if (commandLine.trim() === '') return placeholder(reader.step, 'It has no command line to run');
  return typed(reader, 'run-command', {
    commandLine: withSingleQuotes(commandLine, reader),
    package: content,
    ...programSettings(reader, {
      successCodes: 'SuccessCodes',
      outputVariable: 'SMSTSRunCommandLineOutputVariableName',
      asUser: '_SMSTSRunCommandLineAsUser',
      userName: 'SMSTSRunCommandLineUserName',
      password: 'SMSTSRunCommandLineUserPassword',
      workingDirectory: 'WorkingDirectory',
    }),
    disableWow64Redirection: switchBeside(
      reader,
      false,
      'DisableWow64Redirection',
      'SMSTSDisableWow64Redirection',
    ),
  });
};

/** Run PowerShell Script: a file of a package, or a text. */
export const runPowerShellScript: MapStep = (reader) => {
  const settings = {
    parameters: reader.text('Parameters', 'OSDRunPowerShellScriptParameters'),
    executionPolicy: executionPolicy(reader),
    ...programSettings(reader, {
      successCodes: 'OSDRunPowerShellScriptSuccessCodes',
      outputVariable: 'OSDRunPowerShellScriptOutputVariableName',
      asUser: '_SMSTSRunPowerShellAsUser',
      userName: 'SMSTSRunPowerShellUserName',
      password: 'SMSTSRunPowerShellUserPassword',
      workingDirectory: 'SMSTSRunPowerShellWorkingDirectory',
    }),
  };
  const encoded = reader.text('SourceScript', 'OSDRunPowerShellScriptSourceScript');
  if (encoded !== undefined) return inlineScript(reader, encoded, settings);
  return typed(
    reader,
    'run-powershell',
    {
      package: reader.required(
        'package',
        'The package of the script',
        'PackageID',
        'OSDRunPowerShellScriptPackageID',
      ),
      scriptName: reader.text('ScriptName', 'OSDRunPowerShellScriptScriptName')?.trim(),
      ...settings,
    },
    keep,
  );
};

/** What is left of a package is without effect beside a text. */
function inlineScript(reader: StepReader, encoded: string, settings: object): MappedStep {
  reader.ignore('PackageID', 'ScriptName');
  const source = readScriptSource(encoded);
  if ('script' in source)
    return typed(reader, 'run-powershell', { script: source.script, ...settings }, keep);
  const reason = `Its PowerShell script cannot be read: ${source.reason}`;
  reader.need({
    kind: 'script',
    message: reason,
    hint: 'Copy the script from where the sequence comes from into the step, and enable it.',
  });
  const script = `throw 'The script of this step could not be imported: ${source.reason}'`;
  return { how: 'unsupported', reason, actions: [{ type: 'run-powershell', params: { script } }] };
}

/** Others than the three of the editor let any script run, or nearly any. */
function executionPolicy(reader: StepReader): (typeof executionPolicies)[number] | undefined {
  const text = reader.text('ExecutionPolicy', 'OSDRunPowerShellScriptExecutionPolicy')?.trim();
  if (text === undefined) return undefined;
  const known = executionPolicies.find((policy) => policy.toLowerCase() === text.toLowerCase());
  if (known !== undefined) return known;
  reader.need({
    kind: 'setting',
    message: `There is no execution policy ${JSON.stringify(text.slice(0, 100))} here; it is Bypass now`,
  });
  return 'Bypass';
}
