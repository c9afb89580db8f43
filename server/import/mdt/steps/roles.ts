import type { MappedStep } from '../../map-step.ts';
import type { StepReader } from '../../step-reader.ts';
import { equivalent, type MapMdtStep, powershell, programSettings } from '../step-parts.ts';

/** ZTIOSRole: the roles, role services and features of the step, else those in the variables. */
export const installRoles: MapMdtStep = (reader) => roles(reader, 'Install');
export const uninstallRoles: MapMdtStep = (reader) => roles(reader, 'Uninstall');

function roles(reader: StepReader, verb: 'Install' | 'Uninstall'): MappedStep {
  const prefix = verb === 'Install' ? '' : 'Uninstall';
  const lists = ['OSRoles', 'OSRoleServices', 'OSFeatures'].map(
    (name) => reader.text(`${prefix}${name}`, name) ?? '',
  );
  reader.ignore('OSRoleIndex', `${prefix}OSRoleIndex`);
  const names = [...new Set(lists.flatMap((list) => list.split(/[\s,;]+/)).filter(Boolean))];
  const settings = programSettings(reader);
  const parameters = names.length === 0 ? '' : `-Names '${names.join(',').replaceAll("'", "''")}'`;
  const isRemoved = verb === 'Uninstall' && reader.flag('CompletelyRemove') === true;
  reader.ignore('CompletelyRemove');
  const script = rolesScript(verb, prefix, isRemoved);
  return equivalent(
    `A script ${verb === 'Install' ? 'installs' : 'removes'} them with ${verb}-WindowsFeature on a server, with DISM on a client`,
    powershell(script, { ...settings, ...(parameters === '' ? {} : { parameters }) }),
  );
}

/** @param isRemoved the files of the feature too, not only the feature */
function rolesScript(verb: string, prefix: string, isRemoved: boolean): string {
  const isInstall = verb === 'Install';
  const remove = isRemoved ? '; Remove = $true' : '';
  return `
param([string]$Names = '')
$ErrorActionPreference = 'Stop'
if (-not $Names) { $Names = @($env:${prefix}OSRoles, $env:${prefix}OSRoleServices, $env:${prefix}OSFeatures) -join ',' }
$wanted = @($Names -split '[,;\\s]+' | Where-Object { $_ } | Select-Object -Unique)
if (-not $wanted) { 'There is nothing to do'; exit 0 }
$restart = $false
if (Get-Command ${verb}-WindowsFeature -ErrorAction SilentlyContinue) {
  $options = @{ Name = $wanted${remove} }
${isInstall ? '  if ($env:WindowsSource) { $options.Source = $env:WindowsSource }\n' : ''}  $result = ${verb}-WindowsFeature @options
  if (-not $result.Success) { exit 1 }
  $restart = $result.RestartNeeded -ne 'No'
} else {
  foreach ($name in $wanted) {
    $options = @{ Online = $true; FeatureName = $name; NoRestart = $true${remove} }
${isInstall ? '    $options.All = $true\n    if ($env:WindowsSource) { $options.Source = $env:WindowsSource; $options.LimitAccess = $true }\n' : ''}    $result = ${isInstall ? 'Enable' : 'Disable'}-WindowsOptionalFeature @options
    if ($result.RestartNeeded) { $restart = $true }
  }
}
if ($restart) { exit 3010 }
exit 0
`;
}
