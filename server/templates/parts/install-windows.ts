import type { z } from 'zod';
import type { bitlockerAnswers } from '../pages/bitlocker.ts';
import type { driverAnswers } from '../pages/drivers.ts';
import type { imageAnswers } from '../pages/image.ts';
import type { networkAnswers } from '../pages/network.ts';
import type { windowsAnswers } from '../pages/windows.ts';
import { only, step, type TemplateNode, variable } from '../template-document.ts';
import { destinationOf, OS_VOLUME, partitionForWindows } from './partition-disk.ts';

type Answers = z.output<
  z.ZodObject<
    typeof imageAnswers & typeof windowsAnswers & typeof networkAnswers & typeof driverAnswers
  >
> &
  Partial<z.output<z.ZodObject<typeof bitlockerAnswers>>>;

/** Not on stand-alone media, which have no server beside them. */
export const withServer = variable('_SMSTSMediaType', 'notEquals', 'FullMedia');

/** What is done in Windows PE, up to Setup Windows. */
export function installWindows(answers: Answers, keepsState: boolean): readonly TemplateNode[] {
  const { image, index, partition, bitlocker } = answers;
  return [
    step(
      'Restart in Windows PE',
      'restart',
      { target: 'pe', message: 'This computer is going to be set up anew', delaySeconds: 30 },
      {
        comment: 'The text is shown for so long; 0 restarts at once.',
        description: 'Where it was started in an installed Windows',
        condition: variable('_SMSTSInWinPE', 'equals', 'false'),
      },
    ),
    ...partitionForWindows(partition, keepsState),
    ...only(
      bitlocker === 'pre-provision',
      step(
        'Pre-provision BitLocker',
        'pre-provision-bitlocker',
        { destination: { variable: OS_VOLUME } },
        {
          description: 'Encrypts the empty volume: only what is then written',
          ...(keepsState ? { condition: variable(OS_VOLUME, 'exists') } : {}),
        },
      ),
    ),
    step(
      'Apply Operating System',
      'apply-image',
      { image: { name: image }, index, destination: destinationOf(partition, keepsState) },
      { comment: 'Another image: its name, and which of those that its file holds.' },
    ),
    applyWindowsSettings(answers),
    applyNetworkSettings(answers),
    ...applyDrivers(answers),
  ];
}

function applyWindowsSettings(answers: Answers): TemplateNode {
  const { computerName, userName, organization, productKey, timeZone, language } = answers;
  const { licensing, licensingLimit, administrator } = answers;
  const isPerServer = licensing === 'per-server';
  return step(
    'Apply Windows Settings',
    'apply-windows-settings',
    {
      computerName,
      registeredUser: userName,
      registeredOrganization: organization,
      productKey,
      licenseMode: licensing === 'none' ? undefined : isPerServer ? 'PerServer' : 'PerSeat',
      licenseConnections: isPerServer ? licensingLimit : undefined,
      ...(administrator === 'enabled'
        ? { randomAdminPassword: false, adminPassword: '%OSDLocalAdminPassword%' }
        : { randomAdminPassword: true }),
      timeZone,
      inputLocale: language,
      systemLocale: language,
      uiLanguage: language,
      userLocale: language,
    },
    {
      comment:
        administrator === 'enabled'
          ? 'The password of the administrator is a secret variable, not in this file.'
          : 'Without computerName it is OSDComputerName, then the name that the server knows.',
    },
  );
}

function applyNetworkSettings(answers: Answers): TemplateNode {
  const { join, workgroup, domain, domainOu, domainAccount } = answers;
  return step(
    'Apply Network Settings',
    'apply-network-settings',
    join === 'workgroup'
      ? { join, workgroup }
      : {
          join,
          domain,
          ou: domainOu,
          account: { user: domainAccount, password: '%OSDJoinPassword%' },
        },
    {
      comment:
        join === 'domain'
          ? 'The password of the account is a secret variable, not in this file.'
          : 'Adapters take their address from DHCP unless they are listed here.',
    },
  );
}

function applyDrivers({ autoDrivers, driverPackage }: Answers): readonly TemplateNode[] {
  return [
    ...only(
      autoDrivers,
      step(
        'Apply Device Drivers',
        'auto-apply-drivers',
        {},
        { description: 'The best one for each device, of all categories', condition: withServer },
      ),
    ),
    ...(driverPackage === undefined
      ? []
      : [
          step(
            'Apply Driver Package',
            'apply-driver-package',
            { package: { name: driverPackage } },
            { comment: 'One for each model: copy the step, with a condition on _SMSTSModel.' },
          ),
        ]),
  ];
}
