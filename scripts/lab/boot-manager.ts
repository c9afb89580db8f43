import { writeFile } from 'node:fs/promises';
import { runCommand } from './child.ts';
import { SERVER_ADDRESS } from './namespace.ts';

/** What a stand-in of the boot manager got under one name. */
export interface AskedFile {
  readonly name: string;
  /** Null when the server said that there is none. */
  readonly sha256: string | null;
}

/** Printed when everything was asked for. */
export const BOOT_MANAGER_END = 'METALWRIGHT-END';

/**
 * Builds a program for UEFI that asks for files as the boot manager of Windows does, and prints their hashes
 * on the serial port: GRUB with a script inside. Its names have backslashes, which GRUB sends as they are.
 */
export async function makeBootManager(
  path: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const script = [
    'serial --unit=0 --speed=115200',
    'terminal_output serial',
    ...names.flatMap((name, at) => [
      `echo METALWRIGHT-FILE-${at}`,
      // GRUB of Debian 12 would else take the DHCP server for the boot server.
      `hashsum --hash sha256 '(tftp,${SERVER_ADDRESS})${name}'`,
    ]),
    `echo ${BOOT_MANAGER_END}`,
    'sleep 3600',
    '',
  ].join('\n');
  await writeFile(`${path}.cfg`, script);
  const modules = 'efinet net tftp hashsum gcry_sha256 serial terminal terminfo echo sleep';
  await runCommand(
    [
      'grub-mkimage',
      '--format=x86_64-efi',
      `--output=${path}`,
      `--config=${path}.cfg`,
      '--prefix=/none',
      ...modules.split(' '),
    ],
    { signal, timeoutMs: 60_000 },
  );
}

/** Reads what the stand-in printed. @param names those it was made with */
export function readBootManager(serial: string, names: readonly string[]): AskedFile[] {
  // A terminal wraps at its 80th column, and colours between words.
  // oxlint-disable-next-line no-control-regex -- escapes are what is taken out
  const text = serial.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replaceAll(/[\r\n]/g, '');
  return names.map((name, at) => {
    const from = text.lastIndexOf(`METALWRIGHT-FILE-${at}`);
    const rest = from === -1 ? '' : text.slice(from + `METALWRIGHT-FILE-${at}`.length);
    const own = rest.slice(0, rest.indexOf('METALWRIGHT-'));
    return { name, sha256: /[0-9a-f]{64}/.exec(own)?.[0] ?? null };
  });
}
