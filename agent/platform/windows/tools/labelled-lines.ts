/** A line `label : value` of a tool, and the further values in the lines below it. */
export interface LabelledLine {
  readonly label: string;
  readonly value: string;
  /** Whether the value stands in the line below its label and not beside it. */
  readonly below: boolean;
  readonly more: readonly string[];
}
/** Lines without an empty one between them. */
export interface LabelledBlock {
  /** Lines without a label before the first one with it: a title, a disk's model. */
  readonly titles: readonly string[];
  readonly lines: readonly LabelledLine[];
}

/**
 * The colon ends the label when a blank or nothing follows, or right behind a letter that is not ASCII, as
 * Chinese is written: `C:\\` and IPv6 addresses have others.
 */
const LABELLED = /^(.*?)(?:：|:(?=\s|$)|(?<=\p{L}(?<![\0-\x7f])):(?!\\))(.*)$/su;
/** Deeper than any label stands: the value goes on. */
const VALUE_INDENT = 8;

/**
 * Reads the lists of dism, pnputil, manage-bde, ipconfig and systeminfo, and the details of diskpart. Labels
 * are words of the installation's language and are kept only to be shown; readers go by order and by form.
 * A value that stands alone in the next line is taken for the label's. Dots that lead to the colon go.
 */
export function labelledBlocks(lines: readonly string[]): LabelledBlock[] {
  const blocks: {
    titles: string[];
    lines: { label: string; value: string; below: boolean; more: string[] }[];
  }[] = [];
  let open = false;
  for (const line of lines) {
    if (line.trim() === '') {
      open = false;
      continue;
    }
    if (!open) blocks.push({ titles: [], lines: [] });
    open = true;
    const block = blocks.at(-1);
    const last = block?.lines.at(-1);
    const [, label = '', value = ''] = LABELLED.exec(line) ?? [];
    if (last && (indent(line) >= VALUE_INDENT || label.trim() === '')) {
      if (last.value === '' && !last.below) {
        last.value = unquoted(line);
        last.below = true;
      } else last.more.push(line.trim());
    } else if (label.trim() !== '')
      block?.lines.push({
        label: label.replace(/(?: ?\. ?)*$/, '').trim(),
        value: unquoted(value),
        below: false,
        more: [],
      });
    else block?.titles.push(line.trim());
  }
  return blocks;
}

/** Columns before the first character; a tab counts as eight. */
function indent(line: string): number {
  const blanks = /^[ \t]*/.exec(line)?.[0] ?? '';
  return blanks.includes('\t') ? VALUE_INDENT : blanks.length;
}

/** German dism writes its values in quotation marks. */
function unquoted(value: string): string {
  return value.trim().replace(/^"(.*)"$/, '$1');
}
