import { formatCpio } from '#boot/cpio.ts';

/** What a boot image must know of this site before it can trust anything; public, like all boot files. */
export function siteImage(siteCa: string, bootKey: string): Uint8Array {
  const file = (path: string, text: string) =>
    ({ kind: 'file', path, mode: 0o644, data: Buffer.from(text) }) as const;
  const folder = (path: string) => ({ kind: 'directory', path, mode: 0o755 }) as const;
  return formatCpio([
    folder('etc'),
    folder('etc/metalwright'),
    file('etc/metalwright/site-ca.pem', siteCa),
    file('etc/metalwright/boot.pub', bootKey),
  ]);
}
