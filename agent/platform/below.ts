/**
 * A path below the root of a volume, `W:\` or `\\?\Volume{…}\`, which `join` of node:path spoils. A root of
 * another system keeps its own separator.
 */
export function below(root: string, ...names: readonly string[]): string {
  const separator = root.includes('\\') ? '\\' : '/';
  const start = root.endsWith(separator) ? root.slice(0, -1) : root;
  return [start, ...names].join(separator);
}
