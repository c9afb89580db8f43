/** Columns of a report as text. */
export const COLUMNS = 100;
/** Of one kind of thing, so many are told; with `verbose` all. */
export const MAX_ITEMS = 12;

/** A heading, with an empty line before and behind it. */
export function heading(text: string): string[] {
  return ['', text, ''];
}
