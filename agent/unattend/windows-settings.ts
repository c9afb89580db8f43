import type { WindowsSettings } from '#agent/steps/apply-windows-settings.ts';
import { checkedComputerName } from './computer-name.ts';
import { passwordElement } from './hidden-password.ts';
import {
  component,
  element,
  type ProcessorArchitecture,
  type Unattend,
  type UnattendElement,
  unattendOf,
} from './unattend.ts';
import { UnattendError } from './unattend-error.ts';

/** What Apply Windows Settings says, its variables put in. */
export interface WindowsValues {
  readonly settings: Partial<WindowsSettings>;
  /** Name of the new Windows where the settings have none: OSDComputerName, or what stands for it. */
  readonly computerName?: string | undefined;
  /** Where the administrator's password is random: that one. The account is disabled later. */
  readonly randomPassword?: string | undefined;
}

/**
 * The part of the answer file that Apply Windows Settings makes (reference: steps, section 12). Owner and
 * time zone stand in two passes, as OOBE would set them again.
 * @throws {UnattendError} `unattend.computer-name`, `unattend.product-key`, `unattend.locale`
 */
export function windowsUnattend(
  { settings, computerName, randomPassword }: WindowsValues,
  architecture: ProcessorArchitecture,
): Unattend {
  const name = settings.computerName?.trim() || computerName?.trim() || undefined;
  const both = [
    ...valued('RegisteredOrganization', settings.registeredOrganization),
    ...valued('RegisteredOwner', settings.registeredUser),
    ...valued('TimeZone', settings.timeZone),
  ];
  const international = languages(settings);
  const password = settings.randomAdminPassword === false ? settings.adminPassword : randomPassword;
  const shell = (elements: readonly UnattendElement[]) =>
    component('Microsoft-Windows-Shell-Setup', architecture, elements);
  const core = component('Microsoft-Windows-International-Core', architecture, international);
  return unattendOf({
    specialize: [
      shell([
        ...valued('ComputerName', name === undefined ? name : checkedComputerName(name)),
        ...valued('ProductKey', productKey(settings.productKey)),
        ...both,
      ]),
      core,
    ],
    oobeSystem: [
      shell([
        ...both,
        ...(password === undefined || password === ''
          ? []
          : [element('UserAccounts', [passwordElement(password, 'AdministratorPassword')])]),
      ]),
      core,
    ],
  });
}

function valued(name: string, value: string | undefined): readonly UnattendElement[] {
  const text = value?.trim() ?? '';
  return text === '' ? [] : [element(name, text)];
}

/** The key is not told where it is wrong: it may be a password that went into the wrong field. */
function productKey(text: string | undefined): string | undefined {
  const key = text?.trim().toUpperCase() ?? '';
  if (key === '') return undefined;
  if (/^[A-Z0-9]{5}(-[A-Z0-9]{5}){4}$/.test(key)) return key;
  throw new UnattendError('unattend.product-key', 'The product key is not of the form of one', {
    hint: 'It is five groups of five letters and digits, with hyphens.',
  });
}

/** `en-GB`, `es-ES_tradnl`. */
const LOCALE = /^[a-z]{2,3}([-_][a-z0-9]{2,8})*$/i;
/** Also `0809:00000809`, input methods by their GUIDs, and several with semicolons. */
const INPUT_LOCALE = /^[\da-z:;{}_-]+$/i;

function languages(settings: Partial<WindowsSettings>): readonly UnattendElement[] {
  return [
    ...locale('InputLocale', settings.inputLocale, INPUT_LOCALE),
    ...locale('SystemLocale', settings.systemLocale, LOCALE),
    ...locale('UILanguage', settings.uiLanguage, LOCALE),
    ...locale('UILanguageFallback', settings.uiLanguageFallback, LOCALE),
    ...locale('UserLocale', settings.userLocale, LOCALE),
  ];
}

function locale(name: string, value: string | undefined, form: RegExp): readonly UnattendElement[] {
  const text = value?.replaceAll(/\s/g, '') ?? '';
  if (text === '') return [];
  if (form.test(text)) return [element(name, text)];
  throw new UnattendError(
    'unattend.locale',
    `${name} is ${JSON.stringify(text.slice(0, 80))}, which is no name of a language or keyboard`,
    { hint: 'Write it like en-GB; a keyboard also like 0809:00000809.' },
  );
}
