import type { MachineArchitecture } from '#agent/protocol/identity.ts';
import type { Environment } from '#agent/protocol/policy.ts';
import type {
  InstalledProduct,
  PathFacts,
  QueryCapability,
  RegistryFacts,
  SystemFacts,
  WmiInventory,
} from '#agent/sequence/query-capability.ts';
import { QueryError } from '#agent/sequence/query-error.ts';

/** What a simulated machine answers when it is asked: nothing where undefined; null is not known. */
export interface SimulatedFacts {
  /** Files and folders by path: compared without case, `/` and `\` are the same. */
  readonly files?: Readonly<Record<string, Partial<PathFacts>>> | null;
  readonly folders?: Readonly<Record<string, Partial<PathFacts>>> | null;
  /** Values by key and name, `HKLM\SOFTWARE\Maker`; the name `''` is the default value. */
  readonly registry?: SimulatedRegistry | null;
  readonly products?: readonly InstalledProduct[] | null;
  /** The operating system on the disk, once it is there. */
  readonly os?: Omit<SystemFacts, 'architecture'> | null;
  readonly inventory?: WmiInventory;
}

/** Values by key, and by name in it. */
export type SimulatedRegistry = Readonly<
  Record<string, Readonly<Record<string, NonNullable<RegistryFacts['value']>>>>
>;

/** Names that Windows itself puts into a path. */
const systemNames: Readonly<Record<string, string>> = {
  systemdrive: 'C:',
  systemroot: 'C:\\Windows',
  windir: 'C:\\Windows',
  programdata: 'C:\\ProgramData',
  programfiles: 'C:\\Program Files',
  'programfiles(x86)': 'C:\\Program Files (x86)',
};

/**
 * The questions that conditions ask, answered from facts. What no fact tells is not known, which is
 * something else than not there: it is an error, and a condition takes it for false and says so.
 */
export function simulatedQuery(
  facts: SimulatedFacts,
  machine: {
    readonly environment: Environment;
    readonly architecture: MachineArchitecture;
    readonly pe: 'winpe' | 'linux-pe';
  },
): QueryCapability {
  const { environment, architecture } = machine;
  const family = familyIn(machine, facts);
  const isWindows = family === 'windows';
  const keys = facts.registry === null ? null : registryIndex(facts.registry ?? {});
  return {
    async path({ path, kind }) {
      // Programs of the machine may have changed them since it was last asked.
      const known = indexOf(kind === 'file' ? facts.files : facts.folders);
      if (known === null) throw unknown(`its ${kind}s`);
      const found = known.get(pathKey(expand(path)));
      return found === undefined ? null : { modifiedMs: 0, version: null, ...found };
    },
    registry: isWindows
      ? async ({ key, valueName }) => {
          if (keys === null) throw unknown('its registry');
          const values = keys.get(keyOf(key));
          if (values === undefined) return null;
          const value = values.get((valueName ?? '').toLowerCase());
          if (value !== undefined) return { value };
          return valueName === null || valueName === '' ? { value: null } : null;
        }
      : undefined,
    software: isWindows
      ? async () => {
          if (facts.products === null) throw unknown('its products');
          return facts.products ?? [];
        }
      : undefined,
    async system() {
      if (environment === 'full-os') {
        if (facts.os === null) throw unknown('its operating system');
        if (facts.os !== undefined) return { ...facts.os, architecture };
      }
      return { family, version: '', architecture, productType: null, language: null };
    },
    inventory: async () => facts.inventory ?? {},
    wmi: undefined,
  };
}

function familyIn(
  { environment, pe }: { readonly environment: Environment; readonly pe: 'winpe' | 'linux-pe' },
  { os }: SimulatedFacts,
): SystemFacts['family'] {
  if (environment === 'full-os' && os !== null && os !== undefined) return os.family;
  return pe === 'winpe' ? 'windows' : 'linux';
}

function unknown(what: string): QueryError {
  return new QueryError('simulate.unknown', `the description of the device does not tell ${what}`, {
    hint: `Describe ${what} in the device file, or answer the condition: --answer "name=true".`,
  });
}

function expand(path: string): string {
  return path.replaceAll(
    /%([^%]+)%/g,
    (mark, name: string) => systemNames[name.toLowerCase()] ?? mark,
  );
}

function pathKey(path: string): string {
  return path
    .replaceAll('\\', '/')
    .replace(/(?<=.)\/+$/, '')
    .toLowerCase();
}

function indexOf<Value>(
  record: Readonly<Record<string, Value>> | null | undefined,
): ReadonlyMap<string, Value> | null {
  if (record === null) return null;
  return new Map(Object.entries(record ?? {}).map(([path, facts]) => [pathKey(path), facts]));
}

const roots: Readonly<Record<string, string>> = {
  hklm: 'hkey_local_machine',
  hkcu: 'hkey_current_user',
  hkcr: 'hkey_classes_root',
  hku: 'hkey_users',
  hkcc: 'hkey_current_config',
};

function keyOf(key: string): string {
  const [root = '', ...rest] = key
    .toLowerCase()
    .split(/[\\/]+/)
    .filter(Boolean);
  return [roots[root] ?? root, ...rest].join('\\');
}

type RegistryValues = ReadonlyMap<string, NonNullable<RegistryFacts['value']>>;

/** By key; a key above one that is there is there too. */
function registryIndex(registry: SimulatedRegistry): ReadonlyMap<string, RegistryValues> {
  const index = new Map<string, RegistryValues>();
  for (const [key, values] of Object.entries(registry)) {
    const full = keyOf(key);
    for (let end = full.indexOf('\\'); end > 0; end = full.indexOf('\\', end + 1)) {
      const above = full.slice(0, end);
      if (!index.has(above)) index.set(above, new Map());
    }
    const named = Object.entries(values).map(
      ([name, value]) => [name.toLowerCase(), value] as const,
    );
    index.set(full, new Map(named));
  }
  return index;
}
