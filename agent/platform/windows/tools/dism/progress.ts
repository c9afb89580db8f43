/** `[====   12.5%   ]`: the sign and the decimal comma stand where the language puts them. */
const BAR = /\[[= ]{0,80}%? ?(\d{1,3})(?:[.,](\d))? ?%?[= ]{0,80}\]/g;
/** Longer than a bar, so that one which comes in two pieces is seen. */
const KEPT = 200;

/**
 * Reads dism's progress out of its output as it comes, in pieces of any length: returns the percentage that
 * the piece brings, or undefined. Bars follow one another with carriage returns or line ends. A bar may go
 * back to 0 when dism begins its next task.
 */
export function dismProgress(): (piece: string) => number | undefined {
  let kept = '';
  return (piece) => {
    const text = kept + piece;
    const bars = [...text.matchAll(BAR)];
    const last = bars.at(-1);
    kept = text.slice(Math.max(last ? last.index + last[0].length : 0, text.length - KEPT));
    if (!last) return undefined;
    const percent = Number(`${last[1]}.${last[2] ?? '0'}`);
    return percent <= 100 ? percent : undefined;
  };
}
