/** `DriverVer` of an INF file: when it was made and its version. */
export interface DriverVersion {
  /** `2024-03-10`; null where the file has none that is a date. */
  readonly date: string | null;
  /** Four numbers; null where the file has none. */
  readonly version: string | null;
}

/** Reads `mm/dd/yyyy[,w.x.y.z]`, also with dashes, and versions of fewer parts. */
export function parseDriverVersion(values: readonly string[]): DriverVersion {
  const [, month = '', day = '', year = ''] =
    /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$/.exec(values[0]?.trim() ?? '') ?? [];
  const parts = (values[1] ?? '').trim().split('.');
  const isVersion = parts.length <= 4 && parts.every((part) => /^\d{1,9}$/.test(part));
  const isDate = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31;
  return {
    date: isDate ? `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}` : null,
    version: isVersion ? [0, 1, 2, 3].map((at) => Number(parts[at] ?? 0)).join('.') : null,
  };
}

/** Newer first: by date, then by version. Without one it is older than any. */
export function compareDriverVersions(one: DriverVersion, other: DriverVersion): number {
  const [left, right] = [one.date ?? '', other.date ?? ''];
  if (left !== right) return left > right ? -1 : 1;
  const numbers = (text: string | null): number[] => (text ?? '').split('.').map(Number);
  const [newer, older] = [numbers(one.version), numbers(other.version)];
  for (let at = 0; at < 4; at += 1) {
    const difference = (older[at] ?? -1) - (newer[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
