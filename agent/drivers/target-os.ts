import type { MachineArchitecture } from '../protocol/identity.ts';

/** For which Windows a part of an INF file is: `NTamd64.10.0...16299`. */
export interface TargetOs {
  readonly architecture: 'x86' | 'amd64' | 'arm' | 'arm64' | 'ia64' | null;
  /** Major and minor; the least that it wants. */
  readonly version: readonly [number, number] | null;
  /** 1 workstation, 2 domain controller, 3 server. */
  readonly productType: number | null;
  /** A bit field of editions. */
  readonly suiteMask: number | null;
  /** The least build of that version that it wants. */
  readonly build: number | null;
}

/** The Windows that drivers are chosen for. */
export interface DriverTarget {
  readonly architecture: MachineArchitecture;
  /** `10.0.26100.1742`; the last part is not looked at. */
  readonly version: string;
  /** Null: not known, then taken for a client. */
  readonly productType: 'client' | 'server' | null;
}

/** What is wanted of a Windows, its processor set aside. */
type Wanted = Omit<TargetOs, 'architecture'>;

const DECORATION = /^nt(x86|amd64|arm64|arm|ia64)?((?:\.[^.]{0,20}){0,5})$/i;
const ARCHITECTURES = ['x86', 'amd64', 'arm', 'arm64', 'ia64'] as const;

/** Reads a decoration without its dot. Null where it is none: then it fits no Windows. */
export function parseTargetOs(text: string): TargetOs | null {
  const [whole, architecture, rest = ''] = DECORATION.exec(text.trim()) ?? [];
  if (whole === undefined) return null;
  const numbers = rest.split('.').slice(1).map(numberOf);
  if (numbers.includes(undefined)) return null;
  const [major = null, minor = null, productType = null, suiteMask = null, build = null] = numbers;
  return {
    architecture: ARCHITECTURES.find((each) => each === architecture?.toLowerCase()) ?? null,
    version: major === null ? null : [major, minor ?? 0],
    productType,
    suiteMask,
    build,
  };
}

/** Null for an empty part, undefined for one that is no number. */
function numberOf(part: string): number | null | undefined {
  const text = part.trim();
  if (text === '') return null;
  return /^(?:0x[0-9a-f]{1,8}|\d{1,9})$/i.test(text) ? Number(text) : undefined;
}

/** Whether a section that wants that is for this Windows; its processor is compared elsewhere. */
export function fitsTarget({ version, build, productType }: Wanted, os: DriverTarget): boolean {
  const [major = 0, minor = 0, osBuild = 0] = os.version.split('.').map(Number);
  if (version !== null) {
    const [wantedMajor, wantedMinor] = version;
    if (wantedMajor > major || (wantedMajor === major && wantedMinor > minor)) return false;
    const isSame = wantedMajor === major && wantedMinor === minor;
    if (isSame && build !== null && build > osBuild) return false;
  }
  if (productType === null) return true;
  return os.productType === 'server' ? productType !== 1 : productType === 1;
}

/**
 * Orders those that fit: Windows takes the one for the newest version and build, then the one that names
 * more. Negative: `one` goes before `other`.
 */
export function compareTargets(one: Wanted, other: Wanted): number {
  const weights = ({ version, build, productType, suiteMask }: Wanted): readonly number[] => [
    version?.[0] ?? 0,
    version?.[1] ?? 0,
    build ?? 0,
    productType === null ? 0 : 1,
    suiteMask === null ? 0 : 1,
  ];
  const left = weights(one);
  const differences = weights(other).map((right, at) => right - (left[at] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}
