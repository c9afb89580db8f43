import { z } from 'zod';
import { plainActionVariables } from '#agent/sequence/action-variables.ts';
import { defineStep, StepError } from '#agent/sequence/step.ts';
import { VARIABLE_MARK } from '#agent/sequence/variables.ts';
import { isTimeZone } from '../unattend/time-zones.ts';
import { windowsUnattend } from '../unattend/windows-settings.ts';
import { keep, keptWindowsSettings } from '../windows-setup/answer-settings.ts';
import { checkedForAnswerFile } from './answer-file.ts';
import { trueOrFalse } from './true-or-false.ts';
import { wholeNumber } from './whole-number.ts';

const PRODUCT_KEY = /^([A-Z0-9]{5}(-[A-Z0-9]{5}){4})?$/i;
const LicenseMode = z.enum(['PerSeat', 'PerServer']);

const locale = (title: string) =>
  z.string().max(255).optional().meta({
    title,
    description: 'A name like en-GB; for a keyboard also 0809:00000809.',
  });

const params = z
  .strictObject({
    computerName: z
      .string()
      .max(255)
      .refine(
        (name) => name === '' || nameProblem(name) === undefined,
        'a name of a computer has 1 to 15 letters, digits and hyphens, and not digits alone',
      )
      .optional()
      .meta({
        title: 'Computer name',
        description: 'Without one, OSDComputerName counts, and then %_SMSTSMachineName%.',
      }),
    registeredUser: z.string().max(255).optional().meta({ title: 'User name' }),
    registeredOrganization: z.string().max(255).optional().meta({ title: 'Organization name' }),
    productKey: z
      .string()
      .max(255)
      .refine(
        (key) => PRODUCT_KEY.test(key.trim()),
        'a product key is five groups of five, with hyphens',
      )
      .optional()
      .meta({
        title: 'Product key',
        description: 'XXXXX-XXXXX-XXXXX-XXXXX-XXXXX. Without one, that of the image counts.',
        writeOnly: true,
      }),
    licenseMode: LicenseMode.optional().meta({
      title: 'Server licensing',
      description: 'Only for servers that ask for it.',
    }),
    licenseConnections: wholeNumber(5, 9999).optional().meta({
      title: 'Maximum connections',
      description: 'Of a server that is licensed by server.',
    }),
    randomAdminPassword: trueOrFalse().default(true).meta({
      title: 'Randomly generate the administrator password and disable the account',
      description: 'If not, the local administrator is enabled with the password below.',
    }),
    adminPassword: z.string().max(255).optional().meta({
      title: 'Password of the local administrator',
      description: 'Best a %Variable% that is hidden: a password written here is in the document.',
      writeOnly: true,
    }),
    timeZone: z.string().max(255).optional().meta({
      title: 'Time zone',
      description: 'By its name in English Windows: GMT Standard Time. A wrong one gives UTC.',
    }),
    inputLocale: locale('Input locale (default keyboard layout)'),
    systemLocale: locale('System locale'),
    uiLanguage: locale('UI language'),
    uiLanguageFallback: locale('UI language fallback'),
    userLocale: locale('User locale'),
  })
  .superRefine(({ randomAdminPassword, adminPassword = '' }, context) => {
    if (!randomAdminPassword && adminPassword === '')
      context.addIssue({
        code: 'custom',
        path: ['adminPassword'],
        message: 'needs a password, as the administrator is not disabled',
      });
  });

/** The settings of Apply Windows Settings. */
export type WindowsSettings = z.output<typeof params>;

/** A name made of variables is judged when they have been put in. */
function nameProblem(name: string): 'wrong' | undefined {
  if (name.search(VARIABLE_MARK) >= 0) return undefined;
  return /^(?!\d+$)[\p{L}\p{N}_-]{1,15}$/u.test(name.trim()) ? undefined : 'wrong';
}

const { shape } = params;
const text = (param: keyof typeof shape) => ({ param, schema: shape[param] });

/** For a check: each Windows is told the same. */
const ANY_ARCHITECTURE = 'amd64';

/**
 * Apply Windows Settings (reference: steps, section 5). What it says is kept for the answer file, which Setup
 * Windows makes. Captured settings are variables, and so count for more than what stands here.
 */
export const applyWindowsSettings = defineStep({
  type: 'apply-windows-settings',
  title: 'Apply Windows Settings',
  menu: 'settings',
  help: 'Sets name, product key, administrator, time zone and languages of the Windows that was applied.',
  action: 'now',
  needs: [],
  runsIn: ['winpe', 'linux-pe'],
  params,
  repeatable: true,
  destructive: false,
  actionVariables: plainActionVariables({
    OSDComputerName: text('computerName'),
    OSDRegisteredUserName: text('registeredUser'),
    OSDRegisteredOrgName: text('registeredOrganization'),
    OSDProductKey: text('productKey'),
    OSDServerLicenseMode: {
      param: 'licenseMode',
      words: { PerSeat: 'PerSeat', PerServer: 'PerServer' },
      schema: LicenseMode,
    },
    OSDServerLicenseConnectionLimit: { ...text('licenseConnections'), type: 'number' },
    OSDRandomAdminPassword: { ...text('randomAdminPassword'), type: 'boolean' },
    OSDLocalAdminPassword: text('adminPassword'),
    OSDTimeZone: text('timeZone'),
    OSDWindowsSettingsInputLocale: text('inputLocale'),
    OSDWindowsSettingsSystemLocale: text('systemLocale'),
    OSDWindowsSettingsUILanguage: text('uiLanguage'),
    OSDWindowsSettingsUILanguageFallback: text('uiLanguageFallback'),
    OSDWindowsSettingsUserLocale: text('userLocale'),
  }),
  references: () => [],
  check: async (settings) => assertFits(settings, undefined),
  // oxlint-disable-next-line require-yield
  async *run(settings, context) {
    const { variables } = context;
    const computerName = settings.computerName?.trim() || variables.value('_SMSTSMachineName');
    assertFits(settings, computerName);
    keep(variables, keptWindowsSettings, {
      ...settings,
      ...(computerName === undefined ? {} : { computerName }),
    });
    context.log(`The new Windows is called ${computerName ?? 'as Windows chooses'}`);
    return {};
  },
  /** The name of a device that is only described need not be one of a computer. */
  // oxlint-disable-next-line require-yield
  async *simulate({ computerName, ...settings }, context) {
    assertFits(settings, undefined);
    context.log(`The new Windows would be called ${computerName ?? 'as the machine'}`);
    return {};
  },
});

/** @throws {StepError} `unattend.*`, `windows.time-zone` */
function assertFits(settings: WindowsSettings, computerName: string | undefined): void {
  checkedForAnswerFile(() => windowsUnattend({ settings, computerName }, ANY_ARCHITECTURE));
  const timeZone = settings.timeZone?.trim() ?? '';
  if (timeZone === '' || isTimeZone(timeZone)) return;
  throw new StepError('windows.time-zone', `Windows has no time zone "${timeZone}"`, {
    hint: 'It is the name in English, whatever the language of Windows: GMT Standard Time. tzutil /l lists them.',
    exitCode: 0x80070057,
  });
}
