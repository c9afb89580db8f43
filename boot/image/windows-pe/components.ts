/**
 * Optional components of Windows PE by what they leave in an image: the package's `.mum` in
 * `\Windows\servicing\Packages`, and where that folder was taken out, a file that only they bring. Pure.
 */

/** A file that tells a component where its package does not. */
const telltales: readonly (readonly [component: string, path: string])[] = [
  ['WinPE-PowerShell', '/windows/system32/windowspowershell/v1.0/powershell.exe'],
  ['WinPE-WMI', '/windows/system32/wbem/wmiprvse.exe'],
  ['WinPE-NetFx', '/windows/microsoft.net/framework64/v4.0.30319/mscorlib.dll'],
  ['WinPE-Scripting', '/windows/system32/cscript.exe'],
  ['WinPE-SecureStartup', '/windows/system32/manage-bde.exe'],
  ['WinPE-HTA', '/windows/system32/mshta.exe'],
  ['WinPE-Dot3Svc', '/windows/system32/dot3svc.dll'],
  ['WinPE-EnhancedStorage', '/windows/system32/ehstorapi.dll'],
];

/** Folders in which the telltales are looked for. */
export const telltaleFolders: readonly string[] = [
  '/Windows/System32',
  '/Windows/Microsoft.NET/Framework64/v4.0.30319',
];
export const PACKAGES_FOLDER = '/Windows/servicing/Packages';

/**
 * `WinPE-WMI-Package~31bf3856ad364e35~amd64~~10.0.26100.1.mum`; languages have packages of their own
 * (`~en-US~`), which are left out.
 */
const PACKAGE = /\/(WinPE-[\w-]+?)-Package~[^~]*~[^~]*~~[^~]*\.mum$/i;

/** Component names, in order, each once. @param paths all paths of the folders above */
export function componentsOf(paths: readonly string[]): readonly string[] {
  const lower = new Set(paths.map((path) => path.toLowerCase()));
  const named = paths.flatMap((path) => PACKAGE.exec(path)?.[1] ?? []);
  const seen = telltales.filter(([, path]) => lower.has(path)).map(([component]) => component);
  const bySpelling = new Map([...seen, ...named].map((name) => [name.toLowerCase(), name]));
  return [...bySpelling.values()].sort();
}
