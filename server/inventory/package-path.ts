/** Characters that a file of Windows cannot have in its name, and those nobody can type. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const FORBIDDEN = /[<>:"\\|?*\u0000-\u001f\u007f]/;
/** Names that are devices in Windows, with any ending. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
/** Files of one package. */
export const MAX_FILES = 100_000;
const MAX_PATH = 1024;
const MAX_NAME = 255;

/**
 * What is wrong with the path of a file inside a package, or undefined. It is laid down on any machine, so
 * what Windows cannot have is refused: `/` between names, none of them `..`, empty, or a device.
 */
export function packagePathProblem(path: string): string | undefined {
  if (path.length === 0 || path.length > MAX_PATH)
    return `its path has ${path.length} characters, it may have 1 to ${MAX_PATH}`;
  for (const name of path.split('/')) {
    if (name === '') return 'its path begins or ends with /, or has two of them together';
    if (name === '.' || name === '..') return `its path leaves the package by "${name}"`;
    if (name.length > MAX_NAME) return `a name in its path has more than ${MAX_NAME} characters`;
    if (FORBIDDEN.test(name)) return `"${name}" has a character that Windows has in no file name`;
    if (/[. ]$/.test(name)) return `"${name}" ends with a dot or a blank, which Windows takes away`;
    if (DEVICE.test(name)) return `"${name}" is a device in Windows`;
  }
  return undefined;
}

/** A path as it is compared: Windows knows no case. */
export function packagePathKey(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/** A path that is a file and, for another file, a folder; undefined when there is none. */
export function fileAndFolder(paths: Iterable<string>): string | undefined {
  const keys = new Map([...paths].map((path) => [packagePathKey(path), path]));
  for (const key of keys.keys())
    for (let at = key.lastIndexOf('/'); at > 0; at = key.lastIndexOf('/', at - 1)) {
      const folder = keys.get(key.slice(0, at));
      if (folder !== undefined) return folder;
    }
  return undefined;
}
