/** How the client of a management system is installed from its package. Pure. */

/** A program of the package that installs the client. */
export interface ClientInstaller {
  /** File in the root of the package, by its name there. */
  readonly file: string;
  /** Stand before the installation properties. */
  readonly options: readonly string[];
  /** Codes that mean success, and of these the ones that ask for a restart. */
  readonly successCodes: readonly number[];
  readonly restartCodes: readonly number[];
}

/** ccmsetup ends at once and goes on as a service where it is not told otherwise. */
const WAITS = '/noservice';
/** Of ccmsetup, beside those of the Windows Installer: a restart is needed. */
const CCMSETUP_RESTART = 7;

/** In this order: a script of the operator's counts for more than what it may start. */
const known = {
  'install.cmd': { options: [], own: [] },
  'ccmsetup.exe': { options: [WAITS], own: [CCMSETUP_RESTART] },
} as const;

/** The installer in a package with these files; undefined where there is none that is known. */
export function clientInstaller(
  paths: readonly string[],
  properties: readonly string[],
): ClientInstaller | undefined {
  for (const [name, { options, own }] of Object.entries(known)) {
    const file = paths.find((path) => path.toLowerCase() === name);
    if (file === undefined) continue;
    const says = properties.some((word) => /^\/(no)?service$/i.test(word));
    return {
      file,
      options: says ? [] : options,
      successCodes: [0, 3010, 1641, ...own],
      restartCodes: [3010, 1641, ...own],
    };
  }
  return undefined;
}

/** Names of installers that are looked for, in their order. */
export const installerNames: readonly string[] = Object.keys(known);
