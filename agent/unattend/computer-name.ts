import { UnattendError } from './unattend-error.ts';

/** A name of NetBIOS: 15 characters, and no digits alone, which would be read as an address. */
const NAME = /^(?!\d+$)[\p{L}\p{N}_-]+$/u;
const MAX_LENGTH = 15;

/** The name as Windows takes it, without blanks around. @throws {UnattendError} `unattend.computer-name` */
export function checkedComputerName(text: string): string {
  const name = text.trim();
  if (name.length <= MAX_LENGTH && NAME.test(name)) return name;
  throw new UnattendError(
    'unattend.computer-name',
    `Windows cannot be called ${JSON.stringify(name.slice(0, 80))}`,
    { hint: 'A name has 1 to 15 letters, digits and hyphens, and not digits alone.' },
  );
}
