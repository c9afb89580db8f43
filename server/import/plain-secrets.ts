import { isSecretName } from '#agent/sequence/secret-names.ts';
import { HIDDEN } from '#agent/sequence/variables.ts';

/** A value that stands for something else, `%Password%`, `$cred`, `(…)`, `-Next`: no secret itself. */
const STANDS_FOR = /^(?:[$(<{@/-]|\*+$|x+$)/i;
/** One argument: between quotes, or up to the next blank. */
const ARGUMENT = String.raw`(?:"([^"\r\n]{1,300})"|'([^'\r\n]{1,300})'|([^\s"',;)]{1,300}))`;
const QUOTED = String.raw`(?:"([^"\r\n]{1,300})"|'([^'\r\n]{1,300})')`;
const WORD = String.raw`\w{0,40}(?:password|passwd|passphrase|pwd)`;

/**
 * Ways to write a password into a command line or a script; each has the value in one of its groups.
 * All repetitions are bounded: the texts are anybody's.
 */
const places: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  // -Password x, /pass:x, --setuppwd=x
  String.raw`(?<![\w-])(?:--?|\/)(?:${WORD}|pass)(?:\s{1,9}|[:=]\s{0,9})${ARGUMENT}`,
  // $Password = 'x', Password="x"
  String.raw`(?<![\w%-])\$?${WORD}\w{0,3}\s{0,9}=\s{0,9}${QUOTED}`,
  // set PASSWORD=x
  String.raw`(?<![\w%$-])${WORD}\w{0,3}=([^\s"',;)$%([]{1,300})`,
  // "password": "x"
  String.raw`["']${WORD}["']\s{0,9}:\s{0,9}${QUOTED}`,
  String.raw`ConvertTo-SecureString\s{1,9}(?:-String\s{1,9})?${QUOTED}`,
  // net use X: \\server\share x /user:y, and the password after the user
  String.raw`\bnet(?:\.exe)?\s{1,9}use\s{1,9}(?:\S:\s{1,9}|\*\s{1,9})?\\\\\S{1,300}\s{1,9}(?!\/)${ARGUMENT}(?=\s{1,9}\/user:)`,
  String.raw`\bnet(?:\.exe)?\s{1,9}use\s[^\r\n|&]{0,300}?\/user:\S{1,300}\s{1,9}(?!\/)${ARGUMENT}`,
  String.raw`\bnet1?(?:\.exe)?\s{1,9}user\s{1,9}(?!\/)(?:"[^"]{1,300}"|\S{1,300})\s{1,9}(?!\/|\*)${ARGUMENT}`,
]
  .map((pattern) => ({ what: 'a password', pattern: new RegExp(pattern, 'gi') }))
  .concat([
    {
      what: 'a password in an address',
      pattern: /(?:\\\\|\b[a-z][a-z0-9+.-]{1,10}:\/\/)[^\s:@/\\"']{1,100}:([^\s@/\\"']{1,100})@/gi,
    },
  ]);

/** One of these stands in each of them; most texts have none. */
const WORDS = /pass|pwd|securestring|\bnet1?(?:\.exe)?\s|@/i;

/** Characters of one text that are looked through; no script that people write is longer. */
const MAX_TEXT = 400_000;

/** What looks like a secret in plain text. The values are for hiding them; they are told to nobody. */
export function findPlainSecrets(
  text: string,
): readonly { readonly what: string; readonly value: string }[] {
  const looked = text.slice(0, MAX_TEXT);
  if (!WORDS.test(looked)) return [];
  return places.flatMap(({ what, pattern }) =>
    [...looked.matchAll(pattern)].flatMap((match) => {
      const value = match.slice(1).find((each) => each !== undefined && each !== '');
      return value === undefined || isNoSecret(value) ? [] : [{ what, value }];
    }),
  );
}

/** A text with its secrets hidden. */
export function hidePlainSecrets(text: string): string {
  let hidden = text;
  for (const { value } of findPlainSecrets(text)) hidden = hidden.replaceAll(value, HIDDEN);
  return hidden;
}

const SECRET_NAME =
  /password|passwd|passphrase|pwd|(?<!by)pass\d*$|product_?key|secret|credential|pin$/i;

/** Whether a variable or property of that name holds a secret, by its name alone. */
export function isSecretProperty(name: string): boolean {
  return isSecretName(name) || SECRET_NAME.test(name);
}

function isNoSecret(value: string): boolean {
  return value.length < 2 || value.includes('%') || STANDS_FOR.test(value);
}
