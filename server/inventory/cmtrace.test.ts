import { expect, it } from 'vitest';
import { formatLogEntry, parseCmTrace } from './cmtrace.ts';

const entry = (message: string, type: number) =>
  `<![LOG[${message}]LOG]!><time="08:30:05.123+000" date="11-22-2026" component="apply-image" context="" type="${type}" thread="1" file="">\n`;

it('reads entries, also over several lines, with their severity', () => {
  const { entries, rest } = parseCmTrace(entry('one', 1) + entry('two\nlines', 3));
  expect(entries).toEqual([
    { time: '08:30:05', component: 'apply-image', severity: 'info', message: 'one' },
    { time: '08:30:05', component: 'apply-image', severity: 'error', message: 'two\nlines' },
  ]);
  expect(rest.trim()).toBe('');
});

it('gives the same entries however the text is cut', () => {
  const text = `plain\n${entry('one', 1)}${entry('two', 2)}`;
  for (let cut = 0; cut <= text.length; cut += 1) {
    const first = parseCmTrace(text.slice(0, cut));
    const second = parseCmTrace(first.rest + text.slice(cut));
    const messages = [...first.entries, ...second.entries].map((each) => each.message);
    expect(messages, `cut at ${cut}`).toEqual(['plain', 'one', 'two']);
  }
});

it('lets no escape sequence of a log reach the terminal', () => {
  const [read] = parseCmTrace(entry('\u001b[31mred', 2)).entries;
  expect(read && formatLogEntry(read)).toBe('08:30:05  apply-image  WARNING:  [31mred');
});
