import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkCapability } from '../../sequence/network-capability.ts';
import { StepError } from '../../sequence/step-error.ts';
import { type MountShareParts, mountShare } from './mount-share.ts';

/** HRESULTs of ERROR_NOT_SUPPORTED and ERROR_BAD_NETPATH. */
const NOT_SUPPORTED_CODE = 0x80070032;
const PATH_CODE = 0x80070035;

/**
 * Shares in Linux, by mount.cifs: `\\server\share\folder` is in `/mnt/server/share/folder`, a drive letter has
 * no meaning.
 */
export function linuxNetwork(
  options: MountShareParts & {
    /** Below which the shares are, `/mnt`. */
    readonly folder: string;
  },
): NetworkCapability {
  const { folder } = options;
  return {
    async connectFolder({ path, account }, signal) {
      const [server = '', share = '', ...below] = path.split('\\').filter((part) => part !== '');
      const names = [server, share, ...below];
      if (names.some((name) => name === '..' || name.includes('/') || name.includes('\0')))
        throw new StepError('network.path', `${path} is no share`, { exitCode: PATH_CODE });
      const target = join(folder, server, share);
      await mountShare({ server, share, target, account }, options, signal);
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
