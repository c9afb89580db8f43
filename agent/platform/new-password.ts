import { randomInt } from 'node:crypto';

/** Kinds of characters of which Windows asks for three, without those that are taken for others on a screen. */
const kinds = [
  'ABCDEFGHJKLMNPQRSTUVWXYZ',
  'abcdefghijkmnpqrstuvwxyz',
  '23456789',
  '!#+-.:=?@_',
] as const;
const LENGTH = 24;

/** A new password by chance, with each kind of character. */
export function newPassword(): string {
  const of = (characters: string): string => characters.charAt(randomInt(characters.length));
  const all = kinds.join('');
  const chosen = [
    ...kinds.map(of),
    ...Array.from({ length: LENGTH - kinds.length }, () => of(all)),
  ];
  // Shuffled (Fisher-Yates), so that the first four are of no known kinds.
  for (let last = chosen.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [chosen[last], chosen[other]] = [chosen[other] ?? '', chosen[last] ?? ''];
  }
  return chosen.join('');
}
