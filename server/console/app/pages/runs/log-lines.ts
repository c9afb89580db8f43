/** A line of a log as people read it. */
export interface LogLine {
  readonly severity: '' | 'warning' | 'error';
  readonly text: string;
}

const entry =
  /<!\[LOG\[([\s\S]*?)\]LOG\]!><time="(\d{2}:\d{2}:\d{2})[^"]*"[^>]*?component="([^"]*)"[^>]*?type="(\d)"[^>]*>/g;
const severities: Readonly<Record<string, LogLine['severity']>> = { 2: 'warning', 3: 'error' };

/** Reads text in CMTrace form. What comes before its first whole entry is the cut end of one and left out. */
export function logLines(text: string): LogLine[] {
  const lines: LogLine[] = [];
  let end = 0;
  for (const match of text.matchAll(entry)) {
    const plain = text.slice(end, match.index).trim();
    if (plain !== '' && end > 0) lines.push({ severity: '', text: plain });
    const [whole, message = '', time = '', component = '', type = ''] = match;
    lines.push({ severity: severities[type] ?? '', text: `${time}  ${component}  ${message}` });
    end = match.index + whole.length;
  }
  const rest = text.slice(end).trim();
  if (rest !== '' && !rest.startsWith('<![LOG[')) lines.push({ severity: '', text: rest });
  return lines;
}
