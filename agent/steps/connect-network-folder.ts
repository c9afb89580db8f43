import { z } from 'zod';
import { joinActionVariables, plainActionVariables } from '#agent/sequence/action-variables.ts';
import { defineStep } from '#agent/sequence/step.ts';
import { Account, accountVariables } from './account.ts';
import { networkOf } from './network-of.ts';
import { LineText } from './program-settings.ts';

const params = z.strictObject({
  path: LineText.max(1024)
    .refine((path) => /^\s*\\\\[^\\]+\\[^\\]+/.test(path), 'a share is written \\\\server\\share')
    .meta({
      title: 'Path',
      description: 'The share, and a folder in it: \\\\server\\share\\folder.',
    }),
  driveLetter: z
    .string()
    .refine(
      (letter) => /^([D-WYZ]:?)?$/i.test(letter.trim()),
      'a drive from D: to Z:, and not X:, which is that of Windows PE',
    )
    .optional()
    .meta({
      title: 'Drive letter',
      description: 'D: to Z:, but not X:. Without one the share is connected without a drive.',
    }),
  account: Account.optional().meta({
    title: 'Account',
    description: 'May read the share. Without one the share must be open to all.',
  }),
});

/**
 * Connect To Network Folder (reference: steps, section 6). The connection ends with the next restart. Linux
 * knows no drive letters: there the share is a folder below `/mnt`.
 */
export const connectNetworkFolder = defineStep({
  type: 'connect-network-folder',
  title: 'Connect To Network Folder',
  menu: 'general',
  help: 'Connects a share of a file server, with a drive letter if one is wanted; in Linux PE it is the folder /mnt/server/share.',
  action: 'now',
  needs: ['network'],
  runsIn: ['winpe', 'full-os', 'linux-pe'],
  params,
  repeatable: true,
  destructive: false,
  actionVariables: joinActionVariables(
    plainActionVariables({
      SMSConnectNetworkFolderPath: { param: 'path', schema: params.shape.path },
      SMSConnectNetworkFolderDriveLetter: {
        param: 'driveLetter',
        schema: params.shape.driveLetter,
      },
    }),
    accountVariables({
      user: 'SMSConnectNetworkFolderAccount',
      password: 'SMSConnectNetworkFolderPassword',
    }),
  ),
  references: () => [],
  async *run({ path, driveLetter = '', account }, context) {
    const { platform, signal } = context;
    const share = path.trim().replace(/\\+$/, '');
    const letter = driveLetter.trim().slice(0, 1).toUpperCase();
    const drive = letter === '' ? '' : ` as ${letter}:`;
    yield { detail: share };
    context.log(
      `Connecting ${share}${drive}${account === undefined ? '' : `, account ${account.user}`}`,
    );
    const request = { path: share, drive: letter === '' ? null : letter, account: account ?? null };
    await networkOf(platform).connectFolder(request, signal);
    return {};
  },
});
