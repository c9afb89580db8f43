import { element, type UnattendElement } from './unattend.ts';

/** What an answer file has a password in: its name is put behind the password before it is hidden. */
export type PasswordHolder = 'AdministratorPassword' | 'Password';

/**
 * A password as Windows System Image Manager writes it: Base64 of UTF-16LE, with `PlainText` false. It
 * keeps a glance off, and hides nothing from who reads the file.
 */
export function hiddenPassword(password: string, holder: PasswordHolder): string {
  return Buffer.from(password + holder, 'utf16le').toString('base64');
}

/** The element of a password, hidden. */
export function passwordElement(password: string, holder: PasswordHolder): UnattendElement {
  return element(holder, [
    element('Value', hiddenPassword(password, holder)),
    element('PlainText', 'false'),
  ]);
}

/** The password that a hidden one stands for; undefined where it is none. */
export function readHiddenPassword(value: string, holder: PasswordHolder): string | undefined {
  const compact = value.replaceAll(/\s/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return undefined;
  const text = Buffer.from(compact, 'base64').toString('utf16le');
  return text.endsWith(holder) ? text.slice(0, -holder.length) : undefined;
}
