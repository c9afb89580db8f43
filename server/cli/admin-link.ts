import type { Command } from 'commander';
import { AdminLink } from '../http/api.ts';
import { withApi, withServerOptions } from './client-command.ts';
import type { Terminal } from './terminal.ts';

/** `metalwright admin-link`: prints a link that signs a browser in, once. */
export function adminLinkCommand(program: Command, terminal: Terminal): void {
  withServerOptions(
    program
      .command('admin-link')
      .description('print a one-time link that signs a browser in to the console'),
  ).action(async (options: { server: string }) => {
    const link = await withApi(terminal, options, (api) =>
      api.call('POST', '/admin-links', AdminLink, { json: {} }),
    );
    terminal.out(`${options.server.replace(/\/+$/, '')}${link.path}\n`);
  });
}
