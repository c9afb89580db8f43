/** Whether a path says by itself where it is: `/srv`, `C:\Drivers`, `\\server\share`. */
export function isAbsolute(path: string): boolean {
  return /^([\\/]|[A-Za-z]:)/.test(path);
}

/**
 * The path of something inside a folder, with the separators that the folder's path has; those of
 * `relative` may be of either kind, `.\Scripts\x.ps1`. Undefined when it leads out of the folder.
 */
export function pathInside(folder: string, relative: string): string | undefined {
  const inside: string[] = [];
  for (const name of relative.split(/[\\/]+/)) {
    if (name === '' || name === '.') continue;
    if (name !== '..') inside.push(name);
    else if (inside.pop() === undefined) return undefined;
  }
  const separator = folder.startsWith('/') ? '/' : '\\';
  return [folder.replace(/[\\/]+$/, ''), ...inside].join(separator);
}
