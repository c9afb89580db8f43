/** One mark of a pattern: a run of any characters, or one character that this admits. */
export type WildcardMark = 'run' | ((character: string) => boolean);

/**
 * Whether a text fits the marks, from its beginning to its end. Greedy with one point to return to, so
 * that no pattern takes more than text times pattern steps.
 */
export function matchesWildcard(text: string, marks: readonly WildcardMark[]): boolean {
  const needed = charactersNeeded(marks);
  let at = 0;
  let next = 0;
  let afterRun = -1;
  let runEnd = 0;
  for (;;) {
    // What is left of the text only gets shorter: too short now is too short for good.
    if ((needed[next] ?? 0) > text.length - at) return false;
    const mark = marks[next];
    if (mark === 'run') {
      afterRun = ++next;
      runEnd = at;
    } else if (at === text.length) return true;
    else if (mark?.(text.charAt(at)) === true) {
      next++;
      at++;
    } else if (afterRun >= 0) {
      next = afterRun;
      at = ++runEnd;
    } else return false;
  }
}

/** For each mark, how many characters it and those after it take at least. */
function charactersNeeded(marks: readonly WildcardMark[]): Uint32Array {
  const needed = new Uint32Array(marks.length + 1);
  for (let index = marks.length - 1; index >= 0; index--)
    needed[index] = (needed[index + 1] ?? 0) + (marks[index] === 'run' ? 0 : 1);
  return needed;
}
