import type { z } from 'zod';
import type { bitlockerAnswers } from '../pages/bitlocker.ts';
import type { networkAnswers } from '../pages/network.ts';
import type { userStateAnswers } from '../pages/user-state.ts';
import { group, only, step, type TemplateNode, variable } from '../template-document.ts';

type Answers = z.output<
  z.ZodObject<typeof userStateAnswers & typeof bitlockerAnswers & typeof networkAnswers>
>;

/** In the folder of a run, which an image that is applied leaves alone. */
const LOCAL_STORE = 'C:\\_SMSTaskSequence\\UserState';

/** Whether the state of the users stays on the disk, so that it must not be erased. */
export function keepsState({ userState }: Pick<Answers, 'userState'>): boolean {
  return userState === 'local' || userState === 'hard-links';
}

/** What is done in the Windows that is going to be replaced; nothing where nothing was chosen. */
export function captureFilesAndSettings(answers: Answers): readonly TemplateNode[] {
  const { bitlocker, captureNetwork, captureWindows, join } = answers;
  const steps = [
    ...only(
      bitlocker !== 'none',
      step(
        'Disable BitLocker',
        'disable-bitlocker',
        {},
        { description: 'Suspends it until the restart, so that the PE can read the disk' },
      ),
    ),
    ...only(
      captureWindows,
      step(
        'Capture Windows Settings',
        'capture-windows-settings',
        {},
        { description: 'Computer name, registered owner, time zone' },
      ),
    ),
    ...only(
      captureNetwork,
      step(
        'Capture Network Settings',
        'capture-network-settings',
        { membership: join === 'domain' },
        {
          comment:
            join === 'domain'
              ? 'A machine of another domain stays in it: the account must be able to join it there.'
              : 'membership: true keeps the domain; Apply Network Settings then needs an account.',
        },
      ),
    ),
    ...captureUserState(answers),
  ];
  return only(
    steps.length > 0,
    group(
      'Capture Files and Settings',
      {
        comment: 'Skipped where the machine was started from the network or from media.',
        description: 'In the Windows that is going to be replaced',
        condition: variable('_SMSTSInWinPE', 'equals', 'false'),
      },
      steps,
    ),
  );
}

function captureUserState({ userState, usmtPackage }: Answers): readonly TemplateNode[] {
  if (userState === 'none') return [];
  const capture = (about: Parameters<typeof step>[3]): TemplateNode =>
    step(
      'Capture User State',
      'capture-user-state',
      {
        package: { name: usmtPackage },
        ...(userState === 'hard-links' ? { hardLinks: true } : {}),
      },
      {
        comment: 'Captures all profiles. To choose, name configuration files of the package.',
        ...about,
      },
    );
  const steps =
    userState === 'store'
      ? [
          step(
            'Request State Store',
            'request-state-store',
            { request: 'capture' },
            { description: 'A place with room for the state' },
          ),
          capture({
            description: 'Its failure is told below, when the store is released',
            continueOnError: true,
          }),
          step(
            'Note whether the state was captured',
            'set-variable',
            { name: 'UserStateCaptured', value: 'true' },
            { condition: variable('_SMSTSLastActionSucceeded', 'equals', 'true') },
          ),
          step('Release State Store', 'release-state-store', {}),
          step(
            'Stop if the state was not captured',
            'run-command',
            { commandLine: 'cmd.exe /c exit 0', successCodes: [1] },
            {
              comment:
                'Ends with 0, which is no success here: the run fails before the disk is erased.',
              condition: variable('UserStateCaptured', 'notEquals', 'true'),
            },
          ),
        ]
      : [
          step(
            'Set Local State Location',
            'set-variable',
            { name: 'OSDStateStorePath', value: LOCAL_STORE },
            { description: 'While this is set, the disk is not partitioned' },
          ),
          capture({}),
        ];
  return [group('Capture User Files and Settings', {}, steps)];
}

/** What is done in the new Windows with the state that was kept. */
export function restoreUserState({ userState, usmtPackage }: Answers): readonly TemplateNode[] {
  if (userState === 'none') return [];
  const restore = step(
    'Restore User State',
    'restore-user-state',
    { package: { name: usmtPackage } },
    { continueOnError: true },
  );
  if (userState !== 'store')
    return [
      group(
        'Restore User Files and Settings',
        { condition: variable('OSDStateStorePath', 'exists') },
        [restore],
      ),
    ];
  return [
    group(
      'Restore User Files and Settings',
      {
        description: 'A machine that has no state on a store goes on without it',
        continueOnError: true,
      },
      [
        step('Request State Store', 'request-state-store', { request: 'restore' }),
        restore,
        step('Release State Store', 'release-state-store', {}),
      ],
    ),
  ];
}
