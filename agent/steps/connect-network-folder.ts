import { z } from 'zod';
import { joinActionVariables, plainActionVariables } from '#agent/sequence/action-variables.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { Account, accountVariables } from './account.ts';
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

/** Connect To Network Folder (reference: steps, section 6). The connection ends with the next restart. */
export const connectNetworkFolder = defineLaterStep({
  type: 'connect-network-folder',
  title: 'Connect To Network Folder',
  menu: 'general',
  help: 'Connects a share of a file server, with a drive letter if one is wanted.',
  needs: [],
  runsIn: ['winpe', 'full-os'],
  params,
  repeatable: true,
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
  async *simulate({ path, driveLetter = '' }, context) {
    yield { detail: path };
    const drive = driveLetter.trim() === '' ? '' : ` as ${driveLetter.trim()}`;
    context.log(`Would connect ${path}${drive}`);
    return {};
  },
});
