import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkCapability } from '../../sequence/network-capability.ts';
import type { ProcessCapability } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step-error.ts';
import { runCommand } from './process.ts';

const TIMEOUT_MS = 180_000;
/** HRESULTs of ERROR_NOT_SUPPORTED and ERROR_BAD_NETPATH. */
const NOT_SUPPORTED_CODE = 0x80070032;
const PATH_CODE = 0x80070035;

/**
 * Shares in Linux, by mount.cifs: `\\server\share\folder` is in `/mnt/server/share/folder`, a drive letter has
 * no meaning. The account goes to it in a file that only root reads.
 */
export function linuxNetwork(options: {
  readonly process: Pick<ProcessCapability, 'scratch'>;
  /** Below which the shares are, `/mnt`. */
  readonly folder: string;
  readonly run?: typeof runCommand;
  readonly hasCifs?: () => Promise<boolean>;
}): NetworkCapability {
  const { process, folder, run = runCommand, hasCifs = mountCifsIsThere } = options;
  return {
    async connectFolder({ path, account }, signal) {
      const [server = '', share = '', ...below] = path.split('\\').filter((part) => part !== '');
      const names = [server, share, ...below];
      if (names.some((name) => name === '..' || name.includes('/') || name.includes('\0')))
        throw new StepError('network.path', `${path} is no share`, { exitCode: PATH_CODE });
      if (!(await hasCifs()))
        throw new StepError('network.no-cifs', `Cannot connect ${path}: there is no mount.cifs`, {
          hint: 'The package cifs-utils is not in this boot image: connect the share in Windows PE.',
          exitCode: NOT_SUPPORTED_CODE,
        });
      const target = join(folder, server, share);
      await mkdir(target, { recursive: true });
      if (!(await isMounted(target))) {
        const [domain, user] = account === null ? ['', ''] : partsOf(account.user);
        const lines =
          account === null
            ? 'guest\n'
            : `username=${user}\npassword=${account.password}\n${domain === '' ? '' : `domain=${domain}\n`}`;
        await using secret = await process.scratch({ account: Buffer.from(lines) }, signal);
        const how = account === null ? 'guest' : `credentials=${secret.file('account')}`;
        const argv = ['mount', '-t', 'cifs', `//${server}/${share}`, target, '-o', how] as const;
        const { code, output } = await run({ argv: [...argv], timeoutMs: TIMEOUT_MS }, signal);
        if (code !== 0) throw mountError(path, code, output);
      }
      if ((await stat(join(target, ...below)).catch(() => undefined))?.isDirectory() !== true)
        throw new StepError('network.path', `${path} is connected, and cannot be read`, {
          hint: 'Is the folder there, and may the account read it?',
          exitCode: PATH_CODE,
        });
      return join(target, ...below);
    },
    membership: undefined,
    async join() {
      throw new StepError('network.join', 'This agent joins no Linux to a domain', {
        hint: 'Use a Run Command Line step with realm or adcli.',
        exitCode: NOT_SUPPORTED_CODE,
      });
    },
  };
}

/** mount.cifs tells the kernel's error: `mount error(13): Permission denied`. */
function mountError(path: string, code: number, output: string): StepError {
  const text = output.trim().split('\n')[0] ?? '';
  const logon = /error\((1|13|126|127)\)/.test(output);
  const place = /error\((2|6|101|110|111|112|113|115)\)/.test(output);
  return new StepError(
    logon ? 'network.logon' : place ? 'network.path' : 'network.connect',
    `Cannot connect ${path}: mount ended with ${code}: ${text}`,
    { exitCode: logon ? 0x8007052e : PATH_CODE },
  );
}

function partsOf(user: string): readonly [string, string] {
  const [first = '', second] = user.split('\\', 2);
  return second === undefined ? ['', first] : [first, second];
}

async function isMounted(folder: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mounts', 'utf8').catch(() => '');
  return mounts.split('\n').some((line) => line.split(' ')[1] === folder.replaceAll(' ', '\\040'));
}

async function mountCifsIsThere(): Promise<boolean> {
  for (const path of ['/usr/sbin/mount.cifs', '/sbin/mount.cifs'])
    if (await stat(path).catch(() => undefined)) return true;
  return false;
}
