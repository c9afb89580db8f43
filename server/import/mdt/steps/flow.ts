import { configMgrStep } from '../../configmgr/index.ts';
import type { MappedStep, MapStep } from '../../map-step.ts';
import { switchValue } from '../script-name.ts';
import {
  builtIn,
  equivalent,
  inFullOs,
  type MapMdtStep,
  powershell,
  programSettings,
  quietAccount,
  typed,
  unsupported,
} from '../step-parts.ts';

/** What the agent does without a step, by the script that MDT needs for it. */
const doneByTheAgent: Readonly<Record<string, string>> = {
  lticopyscripts: 'The agent is on the disk by itself; no scripts are needed there',
  lticleanup: 'The agent removes what it has put on the machine at the end of the run',
  zticopylogs: 'The agent sends its log to the server while it runs',
  psdapplywinpe:
    'A restart to Windows PE brings the boot image by itself; the restart that comes next goes there',
  psdcopylogs: 'The agent sends its log to the server while it runs',
  ztimovestatestore: 'The user state is kept outside of what an image overwrites',
  psdfinal: 'The agent ends the run, and removes what it has put on the machine, by itself',
  psdstart: 'The agent begins and goes on by itself',
  ztiprereq: 'The scripts that it looks after are not run here',
};

/** What nothing here can do, and what to do instead. */
const notDone: Readonly<Record<string, string>> = {
  ltioem: 'It copies the deployment to the disk for OEM preloading: make prestaged media instead',
  ztivhdcreate:
    'It creates a virtual hard disk and installs into it: partitions of disks alone are supported',
  ztiexecuterunbook:
    'It starts a runbook of System Center Orchestrator, which a script would have to do',
  udiwizard:
    'It shows the User-Driven Installation wizard: ask for variables before the run instead',
  deploywiz: 'It shows the deployment wizard: ask for variables before the run instead',
};

export const flowSteps: Readonly<Record<string, MapMdtStep>> = {
  ...Object.fromEntries(
    Object.entries(doneByTheAgent).map(
      ([name, reason]) =>
        [name, (reader): MappedStep => builtIn(reader, reason)] satisfies [string, MapMdtStep],
    ),
  ),
  ...Object.fromEntries(
    Object.entries(notDone).map(
      ([name, reason]) =>
        [name, (reader): MappedStep => unsupported(reader, reason)] satisfies [string, MapMdtStep],
    ),
  ),
  ltisuspend: (reader) =>
    equivalent(
      'A script puts a file on the desktop and waits until somebody opens it',
      powershell(suspendScript, programSettings(reader), { condition: inFullOs }),
    ),
  zticoalesce: (reader, script) =>
    equivalent(
      'A script puts the values of the variables into one numbered list',
      powershell(coalesceScript, {
        ...programSettings(reader),
        parameters: [
          `-Pattern '${plain(switchValue(script, 'CoalescePattern'))}'`,
          `-Target '${plain(switchValue(script, 'CoalesceTarget'))}'`,
          `-Digits '${plain(switchValue(script, 'CoalesceDigits')) || '3'}'`,
        ].join(' '),
      }),
    ),
};

/** BDD_UsePackage. */
export const usePackage: MapStep = (reader) => {
  reader.ignore('BDDPackageID', 'PackageID');
  return builtIn(reader, 'The scripts of the toolkit package are not run here');
};

/** A step of MDT that runs another of its task sequences. */
export const childSequence: MapStep = (reader) => {
  const guid = reader.text('SubTaskSequenceGUID')?.trim() ?? '';
  const id = reader.text('SubTaskSequenceID')?.trim() ?? '';
  const name = reader.objectName('sequence', guid === '' ? id : guid);
  if (name === undefined)
    return unsupported(reader, 'It runs another task sequence, and names none');
  return typed({ type: 'run-sequence', params: { sequence: { name } } });
};

/** ZTIDiskpart without a class: a layout that its script made up. */
export const partitionDisk: MapMdtStep = (reader) => {
  quietAccount(reader);
  return (
    configMgrStep('PartitionDisk')?.(reader) ??
    unsupported(reader, 'It partitions the disk, and says not how')
  );
};

function plain(text: string | undefined): string {
  return (text ?? '').replaceAll(/[^\w*?.-]/g, '');
}

const suspendScript = `
$ErrorActionPreference = 'Stop'
$mark = Join-Path $env:PUBLIC 'task-sequence-waits'
$file = Join-Path ([Environment]::GetFolderPath('CommonDesktopDirectory')) 'Resume task sequence.cmd'
Set-Content $mark 'The task sequence goes on when this file is gone.'
Set-Content $file "@del \`"$mark\`"", '@del "%~f0"' -Encoding Ascii
'Waiting until somebody opens "Resume task sequence" on the desktop'
while (Test-Path $mark) { Start-Sleep -Seconds 5 }
`;

const coalesceScript = `
param([string]$Pattern, [string]$Target, [string]$Digits = '3')
$ErrorActionPreference = 'Stop'
$names = @(Get-TSVariableList | ForEach-Object Name)
$place = 0
$number = [int]$Digits
$found = @($names | Where-Object { $_ -match ('^(?:' + ($Pattern -replace '\\*', '.*') + ')\\d+$') } | Sort-Object)
foreach ($name in $found) {
  $value = Get-TSVariable $name
  if ($value) { $place++; Set-TSVariable ($Target + $place.ToString().PadLeft($number, '0')) $value }
}
"$place values in $Target"
`;
