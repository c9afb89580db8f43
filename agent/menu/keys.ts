/** Function keys as terminals and the console of Windows (libuv) send them. */
export const keys = { f8: '\u001B[19~', f9: '\u001B[20~', escape: '\u001B' } as const;

/**
 * What has been typed of a line. Enter ends it, Escape gives up;
 * keys that send a sequence are left out. Pure.
 */
export function typeLine(
  typed: string,
  input: string,
): { readonly typed: string; readonly end?: 'entered' | 'left' } {
  if (input === keys.escape) return { typed: '', end: 'left' };
  // oxlint-disable-next-line no-control-regex -- sequences of keys begin with Escape
  const text = input.replaceAll(/\u001B(?:\[[\d;]*[A-Za-z~]|O[A-Z]|.)/g, '');
  let line = typed;
  for (const letter of text) {
    if (letter === '\r' || letter === '\n') return { typed: line, end: 'entered' };
    if (letter === '\u007F' || letter === '\b') line = line.slice(0, -1);
    else if (letter >= ' ' && line.length < MAX_LINE) line += letter;
  }
  return { typed: line };
}

const MAX_LINE = 200;
