import { scriptIn } from './script-name.ts';

/** What MDT's own scripts do, by name without prefix. */
const known: Readonly<Record<string, string>> = {
  apply: 'Applies the operating system image to the disk.',
  applyos: 'Applies the operating system image to the disk.',
  applications: 'Installs applications.',
  applygpopack: 'Applies a local group policy pack.',
  appxmlgen: 'Lists which files belong to which applications, for the migration of user state.',
  authorizedhcp: 'Authorizes the DHCP server in Active Directory.',
  backup: 'Captures the disk into an image file.',
  bde: 'Enables BitLocker.',
  bioscheck: 'Checks the BIOS against a list of versions that are not compatible.',
  cleanup: 'Removes the files and settings of the deployment.',
  configure: 'Puts computer name, locale and other settings into the answer file.',
  configureadds: 'Makes the server a domain controller.',
  configuredhcp: 'Configures the DHCP server.',
  configuredns: 'Configures the DNS server.',
  connect: 'Connects to a network share.',
  coalesce: 'Puts the values of numbered variables into one list.',
  copylogs: 'Copies the logs to the server.',
  copyscripts: 'Copies the deployment scripts to the local disk.',
  disablebdeprotectors: 'Suspends BitLocker until it is enabled again.',
  diskpart: 'Partitions and formats the disk.',
  domainjoin: 'Joins the domain if the computer is not in it yet.',
  drivers: 'Brings the drivers of this machine into the operating system.',
  executerunbook: 'Starts a runbook of System Center Orchestrator.',
  gather: 'Gathers what the machine is and sets variables by rules.',
  groups: 'Captures or restores the members of local groups.',
  langpacksoffline: 'Installs language packs into the operating system on the disk.',
  langpacksonline: 'Installs language packs into the running operating system.',
  movestatestore: 'Moves the user state out of the way of the installation.',
  nextphase: 'Goes on to the next phase of the deployment.',
  nicconfig: 'Captures or applies the settings of network adapters.',
  oem: 'Copies the deployment to the disk for OEM preloading.',
  optin: 'Opts in to the improvement programme and to error reports.',
  osrole: 'Installs or removes Windows roles and features.',
  osrolepe: 'Installs Windows roles and features into the operating system on the disk.',
  packages: 'Installs update packages and language packs.',
  partition: 'Partitions and formats the disk.',
  patches: 'Installs update packages into the operating system on the disk.',
  powershell: 'Runs a PowerShell script.',
  roleinstall: 'Installs Windows roles and features.',
  setvariable: 'Sets a variable.',
  suspend: 'Waits until somebody lets the task sequence go on.',
  sysprep: 'Generalizes Windows with Sysprep.',
  tatoo: 'Writes into the registry how the machine was deployed.',
  tattoo: 'Writes into the registry how the machine was deployed.',
  userstate: 'Captures or restores user state.',
  validate: 'Checks that the machine is fit for the deployment.',
  vhdcreate: 'Creates a virtual hard disk.',
  windowsupdate: 'Installs updates from Windows Update or WSUS.',
  winre: 'Sets up the Windows Recovery Environment.',
};

/** More than a name that people give a script. */
const MAX_NAME = 120;

/**
 * What a step does, proposed from the name of its script: `ZTIGather.wsf`, `Set-HPBiosPassword.ps1`.
 * Undefined where there is none.
 */
export function describeScript(commandLine: string): string | undefined {
  const script = scriptIn(commandLine);
  if (script === undefined) return undefined;
  const base = script.file.replace(/\.\w+$/, '');
  const plain = base.replace(/^(?:ZTI|LTI|PSD|BDD|UDI)[-_]?(?=.)/i, '');
  const isToolkit = plain !== base;
  const own = isToolkit ? plain.toLowerCase() : '';
  const sentence = Object.hasOwn(known, own) ? known[own] : undefined;
  if (sentence !== undefined) return sentence;
  const words = wordsOf(plain);
  return words === '' ? undefined : `Runs the script ${script.file.slice(0, MAX_NAME)}: ${words}.`;
}

/** `Set-HPBiosPassword` as `set HP bios password`. */
function wordsOf(name: string): string {
  return name
    .slice(0, MAX_NAME)
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[\s_.-]+/)
    .filter(Boolean)
    .map((word) => (/^[A-Z\d]{2,}$/.test(word) ? word : word.toLowerCase()))
    .join(' ');
}
