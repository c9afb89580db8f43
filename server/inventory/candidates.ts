import { closest } from '#agent/sequence/closest.ts';

/** Words that candidates are looked for: each costs a look at every name there is. */
const MAX_WORDS = 50;

/** Names that someone may have meant by a word, nearest first. */
export type CandidateFinder = (wanted: string) => readonly string[];

/** Finds them for each word once, and for so many words only. */
export function candidateFinder(names: readonly string[]): CandidateFinder {
  const found = new Map<string, readonly string[]>();
  return (wanted) => {
    const known = found.get(wanted);
    if (known !== undefined || found.size >= MAX_WORDS) return known ?? [];
    const near = closest(wanted, names);
    found.set(wanted, near);
    return near;
  };
}
