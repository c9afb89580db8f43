import { LogSlice } from '../http/api.ts';
import { formatLogEntry, parseCmTrace } from '../inventory/cmtrace.ts';
import type { ApiClient } from './api-client.ts';
import type { Terminal } from './terminal.ts';

/** Writes a run's log from its beginning; with `follow`, waits for more until the run has ended. */
export async function writeRunLog(
  api: ApiClient,
  runId: string,
  options: { terminal: Terminal; follow: boolean; raw: boolean },
): Promise<void> {
  let offset = 0;
  let rest = '';
  for (;;) {
    const wait = options.follow ? '&wait=1' : '';
    const slice = await api.call('GET', `/runs/${runId}/log?offset=${offset}${wait}`, LogSlice);
    if (options.raw) {
      options.terminal.out(slice.text);
    } else {
      const parsed = parseCmTrace(rest + slice.text);
      rest = parsed.rest;
      for (const entry of parsed.entries) options.terminal.out(`${formatLogEntry(entry)}\n`);
    }
    const moved = slice.next > offset;
    offset = slice.next;
    if (!moved && (slice.ended || !options.follow)) break;
  }
  if (rest !== '') options.terminal.out(`${rest}\n`);
}
