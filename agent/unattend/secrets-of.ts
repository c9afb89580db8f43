import { escapeText } from './format-unattend.ts';
import { readHiddenPassword } from './hidden-password.ts';
import type { Unattend, UnattendElement } from './unattend.ts';

/** Elements whose texts are secret, whatever they stand in. */
const secretNames: ReadonlySet<string> = new Set([
  'Password',
  'AdministratorPassword',
  'ProductKey',
  'AccountData',
  'MachinePassword',
]);
/** What stands in those and is none. */
const plainNames: ReadonlySet<string> = new Set(['PlainText', 'WillShowUI']);

/**
 * Every text of an answer file that is never shown: passwords, plain and hidden, product keys, blobs of a
 * domain join; each also as it stands in XML, so that a shown file can be masked.
 */
export function secretsOf({ settings, others }: Unattend): readonly string[] {
  const elements = settings.flatMap((each) => [
    ...each.components.flatMap((component) => component.elements),
    ...each.others,
  ]);
  const found = new Set<string>();
  for (const element of [...elements, ...others]) collect(element, undefined, found);
  return [...found];
}

/** A secret text in the forms in which it may be seen. */
export function formsOfSecret(text: string): readonly string[] {
  const trimmed = text.trim();
  return trimmed === '' ? [] : [...new Set([trimmed, escapeText(trimmed)])];
}

/** `within`: the secret element that this one stands in. */
function collect(element: UnattendElement, within: string | undefined, found: Set<string>): void {
  const { name, children, text } = element;
  const secret = within ?? (secretNames.has(name) ? name : undefined);
  if (secret !== undefined && !plainNames.has(name)) {
    const holder = secret === 'AdministratorPassword' ? secret : 'Password';
    const plain = readHiddenPassword(text, holder) ?? '';
    for (const form of [...formsOfSecret(text), ...formsOfSecret(plain)]) found.add(form);
  }
  for (const child of children) collect(child, secret, found);
}
