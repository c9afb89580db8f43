import { toolLines } from '../tool-lines.ts';

/** One record of dism.log. The log is in English and has one form on every Windows. */
export interface DismLogRecord {
  /** Of the machine's clock, without a zone: `2022-11-23 11:43:37`. */
  readonly time: string;
  readonly level: string;
  readonly source: string;
  readonly text: string;
}

const RECORD = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d), (\w+) {2,}(\w+) {2,}(.*)$/;

/** Reads dism.log; lines in another form go on the record before them. @throws {StepError} `tool.output-size` */
export function parseDismLog(log: string): DismLogRecord[] {
  const records: { time: string; level: string; source: string; text: string }[] = [];
  for (const line of toolLines(log, 'dism.log')) {
    const last = records.at(-1);
    const [, time = '', level = '', source = '', text = ''] = RECORD.exec(line) ?? [];
    if (time !== '') records.push({ time, level, source, text });
    else if (last && line !== '') last.text += `\n${line}`;
  }
  return records;
}
