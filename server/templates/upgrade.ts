import type { z } from 'zod';
import { generalAnswers, generalPage } from './pages/general.ts';
import { softwareAnswers, softwarePage } from './pages/software.ts';
import { readinessAnswers, readinessPage, upgradeAnswers, upgradePage } from './pages/upgrade.ts';
import { installSoftware } from './parts/set-up-windows.ts';
import { defineTemplate } from './template.ts';
import {
  group,
  step,
  type TemplateDocument,
  type TemplateNode,
  variable,
} from './template-document.ts';

const shape = { ...generalAnswers, ...upgradeAnswers, ...readinessAnswers, ...softwareAnswers };
type Answers = z.output<z.ZodObject<typeof shape>>;

const CODE = '_SMSTSOSUpgradeActionReturnCode';
/** MOSETUP_E_COMPAT_SCANONLY: a scan that found nothing in the way. */
const SCAN_FOUND_NOTHING = String(0xc1900210);

/** Upgrade an operating system from an upgrade package. */
export const upgrade = defineTemplate({
  name: 'upgrade',
  title: 'Upgrade an operating system',
  help: 'Upgrades the Windows that is on a machine, with its files, settings and applications.',
  pages: [
    generalPage,
    upgradePage,
    readinessPage,
    { ...softwarePage, when: [{ answer: 'scanOnly', is: [false] }] },
  ],
  shape,
  faults: ({ driverPackage, driverFolder }) => ({
    driverFolder:
      driverPackage !== undefined &&
      driverFolder !== undefined &&
      'drivers come from a package or from a folder, not from both',
  }),
  document(answers): TemplateDocument {
    const { name, scanOnly } = answers;
    const does = scanOnly
      ? 'Looks whether Windows could be upgraded'
      : 'Upgrades Windows and keeps what is on it';
    return {
      name,
      description: answers.description ?? does,
      steps: [prepare(answers), upgradeGroup(answers), ...after(answers)],
    };
  },
});

function prepare(answers: Answers): TemplateNode {
  const { osType, minimumMemoryMb, minimumDiskMb, acPower, wired } = answers;
  return group('Prepare for Upgrade', { description: 'Nothing is changed yet' }, [
    step(
      'Check Readiness for Upgrade',
      'check-readiness',
      {
        memoryMb: minimumMemoryMb,
        freeDiskMb: minimumDiskMb,
        osType,
        acPower,
        networkConnected: true,
        networkWired: wired,
      },
      { comment: 'More can be asked: osMinimumVersion, osLanguage, uefi, tpmEnabled.' },
    ),
    group(
      'Remove incompatible applications and drivers',
      { comment: 'Add the steps that take away what the newer Windows does not run.' },
      [],
    ),
    group(
      'Suspend third-party security',
      { comment: 'Add the steps that switch off virus scanners and disk encryption of others.' },
      [],
    ),
  ]);
}

function upgradeGroup(answers: Answers): TemplateNode {
  const { upgradePackage, edition, productKey, driverPackage, driverFolder, timeoutMinutes } =
    answers;
  const { scanOnly, ignoreMessages, dynamicUpdate } = answers;
  return group('Upgrade the Operating System', {}, [
    step(
      'Upgrade Operating System',
      'upgrade-os',
      {
        package: { name: upgradePackage },
        edition,
        productKey,
        ...(driverPackage === undefined ? {} : { driverPackage: { name: driverPackage } }),
        stagedContent: driverFolder,
        timeoutMinutes,
        scanOnly,
        ignoreMessages,
        dynamicUpdate,
      },
      {
        description: 'Continues on error, so that the groups below can act on it',
        continueOnError: true,
      },
    ),
    ...(scanOnly
      ? []
      : [
          step(
            'Restart Computer',
            'restart',
            { target: 'hd' },
            { condition: variable(CODE, 'equals', '0') },
          ),
        ]),
  ]);
}

function after(answers: Answers): TemplateNode[] {
  const failed = {
    condition: {
      all: [variable(CODE, 'notEquals', '0'), variable(CODE, 'notEquals', SCAN_FOUND_NOTHING)],
    },
  };
  const onFailure = group('Run actions on failure', failed, [
    group(
      'Collect Logs',
      { comment: 'Add steps that copy C:\\$WINDOWS.~BT\\Sources\\Panther to a share.' },
      [],
    ),
    group(
      'Run Diagnostic Tools',
      { comment: 'SetupDiag.exe of Microsoft says what went wrong.' },
      [],
    ),
    step(
      'Report the failure',
      'run-command',
      { commandLine: 'cmd.exe /c exit 0', successCodes: [1] },
      {
        comment: 'Ends with 0, which is no success here: so the run ends as failed.',
      },
    ),
  ]);
  if (answers.scanOnly) return [onFailure];
  return [
    group(
      'Post-Processing',
      {
        description: 'In the upgraded Windows',
        condition: {
          all: [
            variable(CODE, 'equals', '0'),
            variable('_SMSTSSetupRollback', 'notEquals', 'true'),
          ],
        },
      },
      [
        group('Resume third-party security', { comment: 'Switch on again what was off.' }, []),
        ...installSoftware(answers),
        group('Apply customizations', { comment: 'Default applications, start menu.' }, []),
      ],
    ),
    group(
      'Rollback',
      {
        comment: 'Add what the old Windows needs to work as before.',
        description: 'Where Windows Setup has gone back to it',
        condition: variable('_SMSTSSetupRollback', 'equals', 'true'),
      },
      [],
    ),
    onFailure,
  ];
}
