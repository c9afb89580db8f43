/** What was found of this machine and the ISO before a real Windows is installed from it. */
export interface WindowsLabFacts {
  /** What the ISO is: undefined where none was named. */
  readonly iso:
    | { readonly kind: 'unreadable'; readonly path: string; readonly reason: string }
    | { readonly kind: 'other'; readonly path: string; readonly reason: string }
    | { readonly kind: 'windows'; readonly path: string }
    | undefined;
  readonly hasKvm: boolean;
  /** METALWRIGHT_LAB_ACCELERATOR, where it is set. */
  readonly accelerator: string | undefined;
  readonly memoryBytes: number;
  /** Free where the lab keeps its disks. */
  readonly diskBytes: number;
  readonly isRoot: boolean;
}

/** 4 GiB for the machine, and what the server, QEMU and the page cache want beside it. */
const WINDOWS_MEMORY_BYTES = 6 * 1024 ** 3;
/** The disk image as Windows fills it, the WIM in the server's content, and the boot image twice. */
const WINDOWS_DISK_BYTES = 40 * 1024 ** 3;

/** What is missing to show a real Windows here, whole sentences; empty: nothing. */
export function missingForWindows(facts: WindowsLabFacts): readonly string[] {
  const missing: string[] = [];
  const { iso, accelerator } = facts;
  if (iso === undefined)
    missing.push(
      'An ISO of Windows 10, 11 or Server for x64 that you have a licence for: npm run lab -- windows --iso <file>. None comes with Metalwright, and none is downloaded.',
    );
  else if (iso.kind === 'unreadable')
    missing.push(`A file that can be read: ${iso.path}: ${iso.reason}.`);
  else if (iso.kind === 'other')
    missing.push(
      `An ISO with sources/boot.wim and sources/install.wim or install.esd: ${iso.path}: ${iso.reason}.`,
    );
  if (!facts.isRoot) missing.push('Root, for a network of its own.');
  if (!facts.hasKvm && accelerator === undefined)
    missing.push(
      '/dev/kvm: without it Windows takes hours. To wait for them all the same: METALWRIGHT_LAB_ACCELERATOR=tcg.',
    );
  if (facts.memoryBytes < WINDOWS_MEMORY_BYTES)
    missing.push(`${gib(WINDOWS_MEMORY_BYTES)} of memory; here are ${gib(facts.memoryBytes)}.`);
  if (facts.diskBytes < WINDOWS_DISK_BYTES)
    missing.push(
      `${gib(WINDOWS_DISK_BYTES)} of free disk for the lab's files; here are ${gib(facts.diskBytes)}.`,
    );
  return missing;
}

function gib(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
