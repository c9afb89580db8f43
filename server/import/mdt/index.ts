import { configMgrStep } from '../configmgr/index.ts';
import type { MappedStep } from '../map-step.ts';
import { withSingleQuotes } from '../single-quotes.ts';
import type { StepReader } from '../step-reader.ts';
import { KNOWN_VARIABLES } from './os-variable.ts';
import { restartTarget } from './restart-target.ts';
import { withoutRunAs } from './run-as.ts';
import { type ScriptCall, scriptIn } from './script-name.ts';
import { type MapMdtStep, programSettings } from './step-parts.ts';
import { apply } from './steps/apply.ts';
import { bitLocker, disableProtectors } from './steps/bitlocker.ts';
import { backup, sysprep } from './steps/capture.ts';
import { drivers } from './steps/drivers.ts';
import { childSequence, flowSteps, partitionDisk, usePackage } from './steps/flow.ts';
import { gather } from './steps/gather.ts';
import { connect, networkAdapters } from './steps/network.ts';
import { languagePacksOffline, languagePacksOnline, offlinePackages } from './steps/packages.ts';
import { nextPhase, setVariable } from './steps/phase.ts';
import { powerShellScript } from './steps/powershell-script.ts';
import { installRoles, uninstallRoles } from './steps/roles.ts';
import { authorizeDhcp, configureAdds, configureDhcp, configureDns } from './steps/server-roles.ts';
import { applications, windowsUpdate } from './steps/software.ts';
import { upgrade } from './steps/upgrade.ts';
import { userState } from './steps/user-state.ts';
import { validate } from './steps/validate.ts';
import {
  appMigrationFile,
  biosCheck,
  groupPolicyPack,
  localGroups,
  optIn,
  recoveryEnvironment,
  tattoo,
} from './steps/windows-script.ts';
import { configure, domainJoin } from './steps/windows-settings.ts';
import { wipeDisk } from './steps/wipe-disk.ts';

/** Scripts of MDT and of PSD, by name without ending. */
const byScript: Readonly<Record<string, MapMdtStep>> = {
  ltiapply: apply,
  psdapplyos: apply,
  ltisysprep: sysprep,
  ltiupgrade: upgrade,
  psdapplications: applications,
  psdconfigure: configure,
  psddisablebdeprotectors: disableProtectors,
  psddrivers: drivers,
  psdgather: gather,
  psdgroups: localGroups,
  psdnextphase: nextPhase,
  psdnicconfig: networkAdapters,
  psdpartition: partitionDisk,
  psdpackages: offlinePackages,
  psdpowershell: powerShellScript,
  psdroleinstall: installRoles,
  psdroleuninstall: uninstallRoles,
  psdsetvariable: setVariable,
  psdtattoo: tattoo,
  psduserstate: userState,
  psdvalidate: validate,
  psdwindowsupdate: windowsUpdate,
  ztiapplications: applications,
  ztiapplygpopack: groupPolicyPack,
  ztiappxmlgen: appMigrationFile,
  ztiauthorizedhcp: authorizeDhcp,
  ztibackup: backup,
  ztibde: bitLocker,
  ztibioscheck: biosCheck,
  zticonfigure: configure,
  zticonfigureadds: configureAdds,
  zticonfiguredhcp: configureDhcp,
  zticonfiguredns: configureDns,
  zticonnect: connect,
  ztidisablebdeprotectors: disableProtectors,
  ztidiskpart: partitionDisk,
  ztidomainjoin: domainJoin,
  ztidrivers: drivers,
  ztigather: gather,
  ztigroups: localGroups,
  ztilangpacksoffline: languagePacksOffline,
  ztilangpacksonline: languagePacksOnline,
  ztinextphase: nextPhase,
  ztinicconfig: networkAdapters,
  ztioptin: optIn,
  ztiosrole: installRoles,
  ztiosrolepe: installRoles,
  ztipatches: offlinePackages,
  ztipowershell: powerShellScript,
  ztisetvariable: setVariable,
  ztitatoo: tattoo,
  ztitattoo: tattoo,
  ztisccm: usePackage,
  ztiuserstate: userState,
  ztivalidate: validate,
  ztiwindowsupdate: windowsUpdate,
  ztiwinre: recoveryEnvironment,
  ztiwipedisk: wipeDisk,
  ...flowSteps,
};

/** Classes that MDT adds, without `BDD_`. */
const byClass: Readonly<Record<string, MapMdtStep>> = {
  authorizedhcp: authorizeDhcp,
  configureadds: configureAdds,
  configuredhcp: configureDhcp,
  configuredns: configureDns,
  gather,
  injectdrivers: drivers,
  installapplication: applications,
  installlanguagepacksoffline: languagePacksOffline,
  installlanguagepacksonline: languagePacksOnline,
  installos: apply,
  installroles: installRoles,
  installupdatesoffline: offlinePackages,
  recoverdomainjoin: domainJoin,
  runpowershellaction: powerShellScript,
  uninstallroles: uninstallRoles,
  upgradeos: upgrade,
  usepackage: usePackage,
  validate,
};

/** Names of the scripts and classes that are known, in lower case: `ztigather`, `installos`. */
export const mdtScripts: readonly string[] = Object.keys(byScript);
export const mdtClasses: readonly string[] = Object.keys(byClass);

/** Classes of Configuration Manager that MDT has scripts of its own for, whose settings differ. */
const OWN_SETTINGS = /EnableBitLocker|ApplyNetworkSettings|CaptureNetworkSettings/i;
const TOOLKIT = /^\s*"?smsswd\.exe"?\s/i;
const MAX_COMMAND_LINE = 32_000;
const RUN_COMMAND = /^SMS_TaskSequence_(?:RunCommandLine|RunPowerShell\w*)Action$/i;

/**
 * Maps a step of MDT: by the class that MDT adds, else by the script that it runs. Undefined for what is
 * not MDT's own, which is mapped by its class or run by its command line.
 */
export function mapMdtStep(reader: StepReader): MappedStep | undefined {
  const { type = '', action } = reader.step;
  reader.ignore(KNOWN_VARIABLES);
  const line = reader.text('CommandLine') ?? action;
  const script = scriptIn(line) ?? scriptIn(action);
  const child = /^SMS_TaskSequence_SubTaskSequence$/i.test(type) ? subSequence(reader) : undefined;
  return restartTarget(reader) ?? child ?? mapOwn(reader, type, script);
}

function mapOwn(
  reader: StepReader,
  type: string,
  script: ScriptCall | undefined,
): MappedStep | undefined {
  const none: ScriptCall = { file: '', name: '', path: '', arguments: '' };
  if (/^BDD_/i.test(type)) {
    const name = type.slice(4).toLowerCase();
    const map = Object.hasOwn(byClass, name) ? byClass[name] : undefined;
    if (map !== undefined && runsAnother(reader, script)) return commandLine(reader, script);
    const mapped = map?.(reader, script ?? none) ?? mapScript(reader, script);
    // Within Configuration Manager it is the toolkit package, whose scripts are not run here.
    if (mapped !== undefined && TOOLKIT.test(reader.step.action)) reader.ignore('PackageID');
    return mapped;
  }
  if (type === '') return mapScript(reader, script) ?? commandLine(reader, script);
  return RUN_COMMAND.test(type) || OWN_SETTINGS.test(type) ? mapScript(reader, script) : undefined;
}

/** `%SCRIPTROOT%\Custom\ZTIDrivers.wsf`: somebody has changed it. */
const CHANGED = /[\\/]custom[^\\/]*[\\/]/i;

function mapScript(reader: StepReader, script: ScriptCall | undefined): MappedStep | undefined {
  if (script === undefined || CHANGED.test(script.path)) return undefined;
  if (!Object.hasOwn(byScript, script.name)) return undefined;
  return byScript[script.name]?.(reader, script);
}

/** What runs is the command line of the step: somebody may have put another one into it. */
function runsAnother(reader: StepReader, script: ScriptCall | undefined): boolean {
  if (reader.context.sequence.format !== 'mdt' || reader.step.action.trim() === '') return false;
  return script === undefined || !Object.hasOwn(byScript, script.name) || CHANGED.test(script.path);
}

/** A step of MDT without a class is a Run Command Line step; a script of somebody's is told of as one. */
function commandLine(reader: StepReader, script: ScriptCall | undefined): MappedStep | undefined {
  const line = reader.step.action.replaceAll('\0', '').trim();
  if (reader.context.sequence.format !== 'mdt' || line === '' || line.length > MAX_COMMAND_LINE)
    return undefined;
  const content = reader.reference('package', 'PackageID');
  const action = {
    type: 'run-command',
    params: {
      commandLine: withSingleQuotes(withoutRunAs(line), reader),
      ...(content === undefined ? {} : { package: content }),
      ...programSettings(reader),
    },
  };
  if (script === undefined) return { how: 'typed', actions: [action] };
  const reason = `${script.file} is not MDT's own script: its command line is run as it stands`;
  return { how: 'command-line', reason, actions: [action] };
}

function subSequence(reader: StepReader): MappedStep | undefined {
  const isOfMdt = reader.text('SubTaskSequenceGUID') ?? reader.text('SubTaskSequenceID');
  if (isOfMdt !== undefined) return childSequence(reader);
  return configMgrStep('SubTasksequence') === undefined ? childSequence(reader) : undefined;
}
