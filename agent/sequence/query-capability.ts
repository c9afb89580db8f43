import type { MachineArchitecture } from '#agent/protocol/identity.ts';

/** What is asked of a machine and changes nothing: conditions, dynamic variables, checks. */
export interface QueryCapability {
  /**
   * The file or folder at a path, or null when there is none of that kind. `%windir%` and other names
   * of the system are put in here; those of the sequence already are.
   */
  path(
    request: { readonly path: string; readonly kind: 'file' | 'folder' },
    signal: AbortSignal,
  ): Promise<PathFacts | null>;
  /** A key or a value of the Windows registry, or null; undefined where there is no registry. */
  readonly registry:
    | ((
        request: { readonly key: string; readonly valueName: string | null },
        signal: AbortSignal,
      ) => Promise<RegistryFacts | null>)
    | undefined;
  /** Installed MSI products; undefined where there is no Windows Installer. */
  readonly software: ((signal: AbortSignal) => Promise<readonly InstalledProduct[]>) | undefined;
  /** The operating system that the agent runs in now. */
  system(signal: AbortSignal): Promise<SystemFacts>;
  /** What the agent itself knows of the machine, in the words of WMI; the same wherever it runs. */
  inventory(signal: AbortSignal): Promise<WmiInventory>;
  /**
   * Whether a query has at least one row, answered by the system's own WMI; undefined where there is
   * none, as in Linux and in a Windows PE without it. @throws {QueryError} `query.*`
   */
  readonly wmi:
    | ((
        request: { readonly namespace: string; readonly query: string },
        signal: AbortSignal,
      ) => Promise<boolean>)
    | undefined;
}

export interface PathFacts {
  /** Last modification, milliseconds since 1970, UTC. */
  readonly modifiedMs: number;
  /** File version of a Windows program, `10.0.19041.1`; null for what has none. */
  readonly version: string | null;
}

export const registryTypes = [
  'REG_NONE',
  'REG_SZ',
  'REG_EXPAND_SZ',
  'REG_BINARY',
  'REG_DWORD',
  'REG_MULTI_SZ',
  'REG_QWORD',
] as const;
type RegistryType = (typeof registryTypes)[number];
/** A key that is there has `value: null`; so has the default value that was never set. */
export interface RegistryFacts {
  readonly value: {
    readonly type: RegistryType | 'other';
    /** Numbers in decimal, binary as lower-case hex, the strings of a multi-string joined by newlines. */
    readonly data: string;
  } | null;
}

export interface InstalledProduct {
  /** `{XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}`, upper case. */
  readonly productCode: string;
  readonly upgradeCode: string | null;
  readonly name: string;
  readonly version: string;
}

export interface SystemFacts {
  readonly family: 'windows' | 'linux';
  /** `10.0.19045`, or the version of a Linux distribution. */
  readonly version: string;
  readonly architecture: MachineArchitecture;
  /** Windows: what kind it is (Win32_OperatingSystem.ProductType); null in Linux. */
  readonly productType: 'client' | 'server' | 'domain-controller' | null;
  /** LCID of the installation (Win32_OperatingSystem.OSLanguage), 1033; null where there is none. */
  readonly language: number | null;
}

export type WmiValue = string | number | boolean | null | readonly string[];
/** One instance of a WMI class: its properties, by their names. */
export type WmiRow = Readonly<Record<string, WmiValue>>;
/** Instances by class, `Win32_BIOS`. A class that is not there is not known; one without rows has none. */
export type WmiInventory = Readonly<Record<string, readonly WmiRow[]>>;
