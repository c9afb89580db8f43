import { commonPasswords } from './common-passwords.ts';

/** Least and most characters of a person's password. No other composition is asked for (NIST SP 800-63B). */
const LEAST_CHARACTERS = 12;
const MOST_CHARACTERS = 256;

/** What is wrong with a new password, in words; undefined when it will do. */
export function passwordProblem(password: string, name: string): string | undefined {
  const characters = Array.from(password.normalize('NFC')).length;
  if (characters < LEAST_CHARACTERS)
    return `a password has at least ${LEAST_CHARACTERS} characters, this one ${characters}`;
  if (characters > MOST_CHARACTERS) return `a password has at most ${MOST_CHARACTERS} characters`;
  const plain = bare(password);
  const owner = bare(name);
  if (owner !== '' && (plain === owner || plain.replaceAll(owner, '').length < 4))
    return 'the password is little more than the name';
  if (new Set(plain).size < 4) return 'the password is one or two characters over and over';
  if (commonPasswords.has(plain) || commonPasswords.has(plain.replace(/\d+$/, '')))
    return 'the password is one of the commonest, which are tried first';
  return undefined;
}

/** Without case, blanks and punctuation: as those who guess vary it. */
function bare(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}
