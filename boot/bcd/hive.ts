/**
 * A registry hive (regf) as a tree. Kept are names and values; security descriptors, class names and
 * the times of single keys are not, so a hive that others made is read with it, not rewritten.
 */
export interface Hive {
  /** The end of the path that the hive was loaded from, up to 31 characters. Informative. */
  readonly fileName: string;
  /** FILETIME: units of 100 ns since 1601, UTC. */
  readonly lastWritten: bigint;
  readonly root: HiveKey;
}

/** A key. Names are unlike each other without regard to case, and sorted so in what was read. */
export interface HiveKey {
  readonly name: string;
  readonly values: readonly HiveValue[];
  readonly keys: readonly HiveKey[];
}

/** A value; the default one has the name ''. `data` of one that was read is a view of the file, not a copy. */
export interface HiveValue {
  readonly name: string;
  /** One of `registryType`, or any other number. */
  readonly type: number;
  readonly data: Uint8Array;
}

/** Types of values by their Windows names. */
export const registryType = {
  REG_NONE: 0,
  REG_SZ: 1,
  REG_EXPAND_SZ: 2,
  REG_BINARY: 3,
  REG_DWORD: 4,
  REG_MULTI_SZ: 7,
  REG_QWORD: 11,
} as const;

/** Limits of Windows (Registry element size limits): a hive beyond them is neither read nor written. */
export const hiveLimit = { depth: 512, keyName: 255, valueName: 16_383, fileName: 31 } as const;

const MS_FROM_1601_TO_1970 = 11_644_473_600_000n;

/** The FILETIME of a moment in milliseconds since 1970. */
export function fileTimeOf(epochMs: number): bigint {
  return (BigInt(Math.trunc(epochMs)) + MS_FROM_1601_TO_1970) * 10_000n;
}

/**
 * A name as Windows compares names: upper case, character by character. Letters whose upper case is
 * longer, or ASCII while they are not, stay: Windows' table leaves them alone too.
 */
export function comparedName(name: string): string {
  let upper = '';
  for (let index = 0; index < name.length; index++) {
    const unit = name.charAt(index);
    const other = unit.toUpperCase();
    upper += other.length !== 1 || (unit > '\x7f' && other <= '\x7f') ? unit : other;
  }
  return upper;
}

/** The key below `key` at a path of names, without regard to case. */
export function keyAt(key: HiveKey, ...path: readonly string[]): HiveKey | undefined {
  let found: HiveKey | undefined = key;
  for (const name of path) {
    const wanted = comparedName(name);
    found = found?.keys.find((child) => comparedName(child.name) === wanted);
  }
  return found;
}

/** The value of a key by its name, without regard to case. */
export function valueOf(key: HiveKey, name: string): HiveValue | undefined {
  const wanted = comparedName(name);
  return key.values.find((value) => comparedName(value.name) === wanted);
}
