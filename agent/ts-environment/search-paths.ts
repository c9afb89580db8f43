import type { ScriptFolder } from './script-folder.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** As platform/linux/process.ts gives it to commands where the agent itself has none. */
const LINUX_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * PATH and PSModulePath with our folders before what a command has anyway: a variable of the sequence of
 * that name, else the agent's own.
 */
export function searchPaths(
  { programs, modules }: Pick<ScriptFolder, 'programs' | 'modules'>,
  from: {
    readonly system: NodeJS.Platform;
    readonly inherited: Environment;
    readonly own: Environment;
  },
): { readonly PATH: string; readonly PSModulePath: string } {
  const { system, inherited, own } = from;
  const isWindows = system === 'win32';
  const find = (name: string): string | undefined =>
    valueOf(own, name, isWindows) ?? valueOf(inherited, name, isWindows);
  const join = (first: string, rest: string | undefined): string =>
    rest === undefined || rest === '' ? first : `${first}${isWindows ? ';' : ':'}${rest}`;
  const root = find('SystemRoot') ?? 'C:\\Windows';
  // Windows PowerShell looks for its own modules only where the variable names them, or is not set.
  const ownModules = isWindows ? `${root}\\System32\\WindowsPowerShell\\v1.0\\Modules` : undefined;
  return {
    PATH: join(programs, find('PATH') ?? (isWindows ? undefined : LINUX_PATH)),
    PSModulePath: join(modules, find('PSModulePath') ?? ownModules),
  };
}

/** Names are without case in Windows. */
function valueOf(environment: Environment, name: string, isWindows: boolean): string | undefined {
  if (!isWindows) return environment[name];
  const upper = name.toUpperCase();
  return Object.entries(environment).find(([key]) => key.toUpperCase() === upper)?.[1];
}
