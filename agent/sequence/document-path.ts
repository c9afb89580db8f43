/** `steps[0]` and `['params', 'disk', 2]` as `steps[0].params.disk[2]`. */
export function documentPath(base: string, keys: readonly PropertyKey[]): string {
  let path = base;
  for (const key of keys)
    path += typeof key === 'number' ? `[${key}]` : path === '' ? String(key) : `.${String(key)}`;
  return path;
}
