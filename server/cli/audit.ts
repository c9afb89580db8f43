import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { AuditView } from '../http/api.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime } from './units.ts';

const Options = z.object({
  who: z.string().optional(),
  action: z.string().optional(),
  from: z.number().optional(),
  to: z.number().optional(),
  limit: z.string().optional(),
  after: z.string().optional(),
});

/** `metalwright audit`: who changed what. */
export function auditCommand(program: Command, terminal: Terminal): void {
  withServerOptions(
    program
      .command('audit')
      .option('--who <name>', 'what this person, or token, did')
      .option('--action <action>', 'device.approve, or all of an area: device')
      .option('--from <time>', 'not before: 2026-11-27, or with a time', parseTime)
      .option('--to <time>', 'before this time', parseTime)
      .option('--limit <n>', 'at most so many, 200 if nothing is said')
      .option('--after <id>', 'those older than this entry, by its id in --json')
      .option('--json', 'as JSON')
      .description('show who changed what, the newest first'),
  ).action(async (rawOptions: unknown) => {
    const { who, action, from, to, limit, after } = Options.parse(rawOptions);
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ who, action, from, to, limit, after }))
      if (value !== undefined) query.set(name, String(value));
    const entries = await withApi(terminal, rawOptions, (api) =>
      api.call('GET', `/audit?${query.toString()}`, z.array(AuditView)),
    );
    writeList(terminal, entries, {
      json: wantsJson(rawOptions),
      empty: 'there is no such entry',
      columns: [
        { title: 'TIME', value: (row) => formatTime(row.atMs) },
        { title: 'WHO', value: (row) => row.who },
        { title: 'ACTION', value: (row) => row.action },
        { title: 'DETAIL', value: (row) => JSON.stringify(row.detail) },
      ],
    });
  });
}

function parseTime(text: string): number {
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new InvalidArgumentError('a time such as 2026-11-27 or 2026-11-27T14:00:00Z');
}
