/** The texts that make a Linux root file system on one partition start from files on the ESP. Pure. */

/** Kernel and initrd of an OS, by version. */
export interface KernelFiles {
  readonly version: string;
  readonly kernel: string;
  readonly initrd: string;
}

/** The newest kernel in `/boot` that has its initrd beside it: `vmlinuz-V` with `initrd.img-V` or `initramfs-V.img`. */
export function newestKernel(bootFiles: readonly string[]): KernelFiles | undefined {
  const names = new Set(bootFiles);
  const found = bootFiles
    .filter((name) => name.startsWith('vmlinuz-'))
    .map((kernel) => {
      const version = kernel.slice('vmlinuz-'.length);
      const initrd = [`initrd.img-${version}`, `initramfs-${version}.img`].find((name) =>
        names.has(name),
      );
      return { version, kernel, initrd: initrd ?? '' };
    })
    .filter(({ initrd }) => initrd !== '');
  const order = new Intl.Collator('en', { numeric: true });
  return found.sort((one, other) => order.compare(other.version, one.version))[0];
}

/** Kernel command line of the OS. Consoles are those of this boot: what is seen now is seen then. */
export function kernelOptions(partitionGuid: string, commandLine: string): string {
  const consoles = commandLine.split(/\s+/).filter((word) => word.startsWith('console='));
  return [`root=PARTUUID=${partitionGuid}`, 'rw', ...new Set(consoles)].join(' ');
}

/** One OS, with paths on the ESP. */
export interface LoaderEntry {
  readonly title: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly options: string;
}

/** A type 1 entry of the Boot Loader Specification. */
export function formatLoaderEntry({ title, kernel, initrd, options }: LoaderEntry): string {
  return `title ${oneLine(title)}\nlinux ${kernel}\ninitrd ${initrd}\noptions ${options}\n`;
}

/** grub.cfg for the signed GRUB: the ESP is where it was started from. */
export function formatGrubConfig({ title, kernel, initrd, options }: LoaderEntry): string {
  const quoted = oneLine(title).replaceAll("'", '');
  return `set timeout=0\nset default=0\nmenuentry '${quoted}' {\n  search --no-floppy --set=root --file ${kernel}\n  linux ${kernel} ${options}\n  initrd ${initrd}\n}\n`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
