import { hasSwitch, switchValue } from '../script-name.ts';
import {
  builtIn,
  equivalent,
  inFullOs,
  type MapMdtStep,
  powershell,
  programSettings,
  variable,
} from '../step-parts.ts';
import {
  appMigrationScript,
  biosCheckScript,
  groupsScript,
  tattooScript,
} from './windows-scripts.ts';

/** ZTIWinRE: the recovery environment of the image itself, where PrepareWinRE says so. */
export const recoveryEnvironment: MapMdtStep = (reader) =>
  equivalent(
    'reagentc sets up the recovery environment that is in the image, where PrepareWinRE is YES',
    {
      type: 'run-command',
      params: {
        commandLine:
          '%OSDTargetSystemDrive%\\Windows\\System32\\reagentc.exe /setreimage /path %OSDTargetSystemDrive%\\Windows\\System32\\Recovery /target %OSDTargetSystemDrive%\\Windows',
        ...programSettings(reader),
      },
      condition: variable('PrepareWinRE', 'equals', 'YES'),
    },
  );

/** ZTIGroups: `/capture`, `/restore`. */
export const localGroups: MapMdtStep = (reader, script) => {
  const action = hasSwitch(script, 'restore') ? 'restore' : 'capture';
  return equivalent(
    'A script keeps the members of local groups in variables, and puts them back from there',
    powershell(
      groupsScript,
      { parameters: `-Action ${action}`, ...programSettings(reader) },
      action === 'capture' ? { condition: variable('CaptureGroups', 'notEquals', 'NO') } : {},
    ),
  );
};

/** ZTITatoo: below `HKLM\SOFTWARE\Microsoft\Deployment 4`. */
export const tattoo: MapMdtStep = (reader) =>
  equivalent(
    'A script writes the same values into the registry; the WMI class Microsoft_BDD_Info is not made',
    powershell(tattooScript, programSettings(reader), { condition: inFullOs }),
  );

/** ZTIOptIn: `/CEIP:YES /WER:YES`. */
export const optIn: MapMdtStep = (reader, script) => {
  const add = (key: string, name: string, value: number): string =>
    `reg.exe add "HKLM\\SOFTWARE\\Microsoft\\${key}" /v ${name} /t REG_DWORD /d ${value} /f`;
  const isYes = (name: string): boolean => switchValue(script, name)?.toUpperCase() === 'YES';
  const commands = [
    ...(isYes('CEIP') ? [add('SQMClient\\Windows', 'CEIPEnable', 1)] : []),
    ...(isYes('WER')
      ? [add('Windows\\Windows Error Reporting\\Consent', 'DefaultConsent', 3)]
      : []),
  ];
  const [first, ...others] = commands.map((commandLine) => ({
    type: 'run-command',
    params: { commandLine, ...programSettings(reader) },
  }));
  if (first === undefined)
    return builtIn(reader, 'Neither /CEIP:YES nor /WER:YES is given: it does nothing');
  return equivalent('The values are written into the registry', first, ...others);
};

/** ZTIApplyGPOPack: LGPO or LocalGPO applies a pack where there is one. */
export const groupPolicyPack: MapMdtStep = (reader) =>
  equivalent(
    'A script applies the pack in GPOPackPath, or that of the share, where there is one',
    powershell(
      `
$ErrorActionPreference = 'Stop'
$path = $env:GPOPackPath
if ($path -and -not [IO.Path]::IsPathRooted($path) -and $env:DeployRoot) { $path = "$env:DeployRoot\\Templates\\GPOPacks\\$path" }
if (-not $path -or -not (Test-Path $path)) { 'There is no group policy pack to apply'; exit 0 }
$pack = Get-ChildItem $path -Filter GPOPack.wsf -Recurse | Select-Object -First 1
if ($pack) { cscript.exe //nologo $pack.FullName /silent "/Path:$($pack.DirectoryName)"; exit $LASTEXITCODE }
$tool = Get-ChildItem $path -Filter LGPO.exe -Recurse | Select-Object -First 1
if ($tool) { & $tool.FullName /g $path; exit $LASTEXITCODE }
Write-Warning "There is neither GPOPack.wsf nor LGPO.exe in $path"
exit 0
`,
      programSettings(reader),
      {
        condition: { all: [inFullOs, variable('ApplyGPOPack', 'notEquals', 'NO')] },
      },
    ),
  );

/** ZTIBIOSCheck. */
export const biosCheck: MapMdtStep = (reader) =>
  equivalent(
    'A script compares the BIOS with ZTIBIOSCheck.xml of the share, where it can be reached',
    powershell(biosCheckScript, programSettings(reader)),
  );

/** ZTIAppXmlGen `/capture`. */
export const appMigrationFile: MapMdtStep = (reader) =>
  equivalent(
    'A script writes a migration file for the file types of this machine, and has ScanState use it by ScanStateArgs',
    powershell(appMigrationScript, programSettings(reader), { condition: inFullOs }),
  );
