/** What a kernel module says of itself in its section `.modinfo` (include/linux/moduleparam.h). */
export interface ModuleInfo {
  /** Firmware files it may ask for, below /lib/firmware. */
  readonly firmware: readonly string[];
  /** Modules to be loaded with it that are no symbols' owners, `softdep=pre: a b post: c`. */
  readonly softDependencies: readonly string[];
}

/**
 * Reads a module file (ELF64, little-endian).
 * @throws {RangeError} not such a file, or cut
 */
export function parseModuleInfo(file: Uint8Array): ModuleInfo {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (view.getUint32(0) !== 0x7f45_4c46 || file[4] !== 2 || file[5] !== 1) {
    throw new RangeError('not an ELF64 little-endian file');
  }
  const table = Number(view.getBigUint64(0x28, true)); // e_shoff
  const entrySize = view.getUint16(0x3a, true); // e_shentsize
  const count = view.getUint16(0x3c, true); // e_shnum
  const nameIndex = view.getUint16(0x3e, true); // e_shstrndx
  const section = (index: number) => ({
    name: view.getUint32(table + index * entrySize, true),
    offset: Number(view.getBigUint64(table + index * entrySize + 0x18, true)),
    size: Number(view.getBigUint64(table + index * entrySize + 0x20, true)),
  });
  const names = section(nameIndex);
  const text = (offset: number, end: number) =>
    new TextDecoder().decode(file.subarray(offset, end));
  for (let index = 0; index < count; index += 1) {
    const { name, offset, size } = section(index);
    const start = names.offset + name;
    if (text(start, start + 9) === '.modinfo\0') return readFields(text(offset, offset + size));
  }
  return { firmware: [], softDependencies: [] };
}

function readFields(section: string): ModuleInfo {
  const values = (key: string) =>
    section
      .split('\0')
      .filter((field) => field.startsWith(`${key}=`))
      .map((field) => field.slice(key.length + 1));
  return {
    firmware: values('firmware'),
    softDependencies: values('softdep').flatMap((text) =>
      text.split(/\s+/).filter((word) => word !== '' && !word.endsWith(':')),
    ),
  };
}

/** Reads `modules.dep` of depmod: path -> the paths it needs, all below `/lib/modules/<version>`. */
export function parseModulesDep(text: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    text.split('\n').flatMap((line): [string, string[]][] => {
      const [path, needs] = line.split(':');
      if (path === undefined || needs === undefined) return [];
      return [[path, needs.trim().split(' ').filter(Boolean)]];
    }),
  );
}

/** Name of a module, as softdep and modprobe have it: the file's name with `_` for `-`. */
function moduleName(path: string): string {
  return path.replace(/^.*\//, '').replace(/\.ko$/, '').replaceAll('-', '_');
}

export interface ModuleSelection {
  /** Matched against the path below `kernel/`. */
  readonly include: readonly RegExp[];
  /** Matched against the whole path; a module that another one needs is kept. */
  readonly exclude: readonly RegExp[];
}

/** The modules that a selection asks for, and all that these depend on; sorted. */
export function selectModules(
  dependencies: ReadonlyMap<string, readonly string[]>,
  softDependencies: (path: string) => readonly string[],
  { include, exclude }: ModuleSelection,
): string[] {
  const byName = new Map([...dependencies.keys()].map((path) => [moduleName(path), path]));
  const selected = new Set<string>();
  const add = (path: string): void => {
    if (selected.has(path)) return;
    selected.add(path);
    for (const needed of dependencies.get(path) ?? []) add(needed);
    for (const name of softDependencies(path)) {
      const soft = byName.get(name.replaceAll('-', '_'));
      if (soft !== undefined) add(soft);
    }
  };
  for (const path of dependencies.keys()) {
    const below = path.replace(/^kernel\//, '');
    if (
      include.some((pattern) => pattern.test(below)) &&
      !exclude.some((p) => p.test(`/${below}`))
    ) {
      add(path);
    }
  }
  return [...selected].sort();
}
