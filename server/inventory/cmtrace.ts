/** One entry of a log in CMTrace form. Lines in no such form are entries of their own. */
export interface LogEntry {
  readonly time: string;
  readonly component: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly message: string;
}

const entryPattern =
  /<!\[LOG\[([\s\S]*?)\]LOG\]!><time="(\d{2}:\d{2}:\d{2})[^"]*"[^>]*?component="([^"]*)"[^>]*?type="(\d)"[^>]*>/g;
const severities = { '2': 'warning', '3': 'error' } as const;

/**
 * Reads CMTrace text (`<![LOG[message]LOG]!><time=".." date=".." component=".." type="..">`).
 * `rest` is what may be the beginning of an entry whose end has not come yet.
 */
export function parseCmTrace(text: string): { entries: LogEntry[]; rest: string } {
  const entries: LogEntry[] = [];
  let end = 0;
  for (const match of text.matchAll(entryPattern)) {
    entries.push(...plainLines(text.slice(end, match.index)));
    const type = match[4];
    entries.push({
      message: match[1] ?? '',
      time: match[2] ?? '',
      component: match[3] ?? '',
      severity: type === '2' || type === '3' ? severities[type] : 'info',
    });
    end = match.index + match[0].length;
  }
  const tail = text.slice(end);
  const open = tail.indexOf('<![LOG[');
  if (open >= 0)
    return { entries: [...entries, ...plainLines(tail.slice(0, open))], rest: tail.slice(open) };
  const lineEnd = tail.lastIndexOf('\n') + 1;
  return {
    entries: [...entries, ...plainLines(tail.slice(0, lineEnd))],
    rest: tail.slice(lineEnd),
  };
}

function plainLines(text: string): LogEntry[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((message) => ({ message, time: '', component: '', severity: 'info' }));
}

/** One line for people: `08:30:05  apply-image  WARNING: message`. */
export function formatLogEntry(entry: LogEntry): string {
  const mark = entry.severity === 'info' ? '' : `${entry.severity.toUpperCase()}: `;
  // oxlint-disable-next-line no-control-regex -- a machine's log must not steer the terminal
  const message = entry.message.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, ' ');
  return [entry.time, entry.component, `${mark}${message}`]
    .filter((part) => part !== '')
    .join('  ');
}
