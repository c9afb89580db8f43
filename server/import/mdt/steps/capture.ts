import { type DynamicRule, exists, notExists } from '../rules/rule-parts.ts';
import { shareAccountRules, withShareAccount } from '../share-account.ts';
import { equivalent, type MapMdtStep, quietAccount, variable } from '../step-parts.ts';

/** LTISysprep; where the image is captured by other means only its files are put in place. */
export const sysprep: MapMdtStep = (reader) => {
  quietAccount(reader);
  return equivalent('Prepare Windows for Capture runs Sysprep, unless DoCapture is PREPARE', {
    type: 'prepare-windows',
    params: {},
    condition: variable('DoCapture', 'notEquals', 'PREPARE'),
  });
};

const path = (
  value: string,
  ...conditions: NonNullable<DynamicRule['condition']>[]
): DynamicRule => ({
  condition: { all: conditions },
  variables: [{ name: 'MdtCapturePath', value }],
});
const location = (operator: 'equals' | 'like' | 'notLike', value: string) =>
  ({ kind: 'variable', variable: 'ComputerBackupLocation', operator, value }) as const;
const onShare = { any: [location('equals', 'NETWORK'), location('equals', 'AUTO')] };

/** Where MDT puts the image: on the share of the rules, or at a path, with or without a file name. */
const places: readonly DynamicRule[] = [
  { variables: [{ name: 'MdtCapturePath', value: '' }] },
  {
    condition: notExists('BackupFile'),
    variables: [{ name: 'BackupFile', value: '%OSDComputerName%.wim' }],
  },
  path('%BackupShare%\\%BackupDir%\\%BackupFile%', onShare, exists('BackupShare')),
  path('%ComputerBackupLocation%', { none: [onShare] }, location('like', '*.wim')),
  path(
    '%ComputerBackupLocation%\\%BackupFile%',
    exists('ComputerBackupLocation'),
    { none: [onShare, location('equals', 'NONE')] },
    location('notLike', '*.wim'),
  ),
];

/** ZTIBackup: the disk as an image file. */
export const backup: MapMdtStep = (reader) => {
  quietAccount(reader);
  reader.need({
    kind: 'secret',
    message:
      'The account that writes the image to the share is UserDomain\\UserID with UserPassword, which the rules of the share set',
    hint: 'Set them as variables of a collection, the password as a secret one: metalwright variable set --collection <name> --secret UserPassword',
  });
  return equivalent(
    'Capture Operating System Image writes the image to the place that ComputerBackupLocation and BackupShare say',
    {
      name: 'Find where the image goes',
      type: 'set-dynamic-variables',
      params: { rules: [...places, ...shareAccountRules] },
      condition: variable('ComputerBackupLocation', 'exists'),
    },
    ...withShareAccount({
      name: 'Capture the image',
      type: 'capture-image',
      params: { destination: '%MdtCapturePath%', description: '%TaskSequenceID%' },
      condition: variable('MdtCapturePath', 'exists'),
    }),
  );
};
