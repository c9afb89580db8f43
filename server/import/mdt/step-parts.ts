/** Parts that the mappings of MDT's steps have in common. */
import type { ImportNeed, MappedAction, MappedStep } from '../map-step.ts';
import type { StepReader } from '../step-reader.ts';
import type { ScriptCall } from './script-name.ts';

/** Makes the steps of one MDT step; `script` is the script that it runs. */
export type MapMdtStep = (reader: StepReader, script: ScriptCall) => MappedStep;

/** A condition on one variable. */
export const variable = (name: string, operator: string, value?: string) =>
  value === undefined
    ? { kind: 'variable', variable: name, operator }
    : { kind: 'variable', variable: name, operator, value };
export const inPe = variable('_SMSTSInWinPE', 'equals', 'true');
export const inFullOs = variable('_SMSTSInWinPE', 'notEquals', 'true');

/** The condition that a WMI query finds something. */
export const wmi = (query: string) => ({ kind: 'wmi', namespace: 'root\\cimv2', query });

/** A step of the same kind, or other steps that do the same. */
export function typed(...actions: MappedStep['actions']): MappedStep {
  return { how: 'typed', actions };
}
export function equivalent(reason: string, ...actions: MappedStep['actions']): MappedStep {
  return { how: 'equivalent', reason, actions };
}

/** Actions one after another, of which the last is there for certain. */
export function inOrder(
  before: readonly MappedAction[],
  last: MappedAction,
): MappedStep['actions'] {
  const [first, ...others] = before;
  return first === undefined ? [last] : [first, ...others, last];
}

/** What the agent does by itself: the step is kept for the order of things, disabled. */
export function builtIn(reader: StepReader, reason: string): MappedStep {
  quietAccount(reader);
  return { how: 'built-in', reason, actions: [keptCommand(reader)] };
}

/** What nothing here can do: kept disabled, and a person must look at it. */
export function unsupported(reader: StepReader, reason: string): MappedStep {
  quietAccount(reader);
  return { how: 'unsupported', reason, actions: [keptCommand(reader)] };
}

const MAX_COMMAND_LINE = 32_000;

/** The command line of the source as it stands. */
function keptCommand({ step }: StepReader): MappedAction {
  const line = step.action.replaceAll('\0', '').trim().slice(0, MAX_COMMAND_LINE);
  return {
    type: 'run-command',
    params: { commandLine: line === '' ? 'cmd.exe /c exit 1' : line },
  };
}

const ACCOUNT_NAMES = ['SMSTSRunCommandLineUserName', 'UserName'];
const ACCOUNT_PASSWORDS = ['SMSTSRunCommandLineUserPassword', 'UserPassword'];

/** Run-as settings of a step that runs no program here: read, and told of where they were in use. */
export function quietAccount(reader: StepReader): void {
  const isAsUser = reader.flag('RunAsUser', '_SMSTSRunCommandLineAsUser') === true;
  const user = reader.text(...ACCOUNT_NAMES);
  reader.ignore(...ACCOUNT_PASSWORDS, 'LoadProfile', 'CommandLine', 'SuccessCodes');
  if (isAsUser && user !== undefined)
    reader.need({
      kind: 'setting',
      message: `It ran as ${user}; what is done in its place here runs as the system`,
    });
}

/** Settings of a program: account, exit codes, time-out, folder. */
export function programSettings(reader: StepReader): Readonly<Record<string, unknown>> {
  reader.ignore('LoadProfile', 'CommandLine');
  const counting = reader.attribute('successCodeList');
  const other = reader.attribute('successCodes') ?? reader.text('SuccessCodes');
  if (counting !== undefined && other !== undefined && counting.trim() !== other.trim())
    reader.need({
      kind: 'setting',
      message: `Its success codes stand in it twice: ${counting} counts, not ${other.slice(0, 200)}`,
    });
  const codes = numbersIn(counting ?? other);
  reader.ignore('SuccessCodes');
  const seconds = Number(reader.attribute('timeout') ?? 0);
  const startIn = reader.attribute('startIn') ?? reader.text('WorkingDirectory');
  const isUsual = codes.join(' ') === '0 3010';
  return {
    ...(codes.length === 0 || isUsual ? {} : { successCodes: codes }),
    ...(seconds > 0 ? { timeoutMinutes: Math.min(999, Math.ceil(seconds / 60)) } : {}),
    ...(startIn === undefined ? {} : { workingDirectory: startIn.slice(0, 255) }),
    ...runAs(reader),
  };
}

function runAs(reader: StepReader): Readonly<Record<string, unknown>> {
  const isAsUser = reader.flag('RunAsUser', '_SMSTSRunCommandLineAsUser') === true;
  const user = reader.text(...ACCOUNT_NAMES);
  if (!isAsUser || user === undefined) {
    reader.ignore(...ACCOUNT_PASSWORDS);
    return {};
  }
  const password = reader.secret(`The password of ${user}`, ...ACCOUNT_PASSWORDS);
  return { runAs: { user, ...(password === undefined ? {} : { password }) } };
}

function numbersIn(list: string | undefined): readonly number[] {
  return (list?.match(/-?\d{1,10}/g) ?? []).map(Number);
}

/** A Run PowerShell Script step with the text of a script. */
export function powershell(
  script: string,
  params: Readonly<Record<string, unknown>> = {},
  rest: Partial<MappedAction> = {},
): MappedAction {
  return {
    ...rest,
    type: 'run-powershell',
    params: { script: `${script.trim()}\n`, executionPolicy: 'Bypass', ...params },
  };
}

/** A step that sets several variables, and is not there for none. */
export function setVariables(
  values: Readonly<Record<string, string>>,
  rest: Partial<MappedAction> = {},
): readonly MappedAction[] {
  const variables = Object.entries(values).map(([name, value]) => ({ name, value }));
  if (variables.length === 0) return [];
  return [
    {
      name: 'Set variables',
      ...rest,
      type: 'set-dynamic-variables',
      params: { rules: [{ variables }] },
    },
  ];
}

/** Told once of a sequence: the report folds equal ones. */
export const shareNeed: ImportNeed = {
  kind: 'reference',
  message: 'It uses files of the deployment share, which must become packages',
  hint: 'Make a package of the folder, with the name that the step has: metalwright package add <folder> --name <name>.',
};

/** The name of the package that a folder of the share is to become. */
export function sharePackageName(folder: string): string {
  return `Deployment share: ${folder}`.slice(0, 128);
}
