import type { Command } from 'commander';
import { z } from 'zod';
import { Sha256 } from '#agent/protocol/identity.ts';
import { WimbootView } from '../http/api-netboot.ts';
import { CliError } from './cli-error.ts';
import { withApi, withServerOptions } from './client-command.ts';
import { uploadPackage } from './package.ts';
import type { Terminal } from './terminal.ts';

const AddOptions = z.object({
  ipxe: z.string(),
  wimboot: z.string(),
  sha256: z.array(z.string()).default([]),
});
/** Name of the package that the files are kept in. */
const PACKAGE_NAME = 'iPXE and wimboot';

/** `metalwright netboot wimboot add|remove`. */
export function netbootWimbootCommand(netboot: Command, terminal: Terminal): void {
  const wimboot = netboot
    .command('wimboot')
    .description('iPXE and wimboot for the chain wimboot; neither comes with this server');

  withServerOptions(
    wimboot
      .command('add')
      .description('keep both files, for x64 UEFI; their hashes must be known or named')
      .requiredOption('--ipxe <file>', 'ipxe.efi or snponly.efi of bin-x86_64-efi')
      .requiredOption('--wimboot <file>', 'wimboot of a release')
      .option(
        '--sha256 <hash...>',
        'SHA-256 of a file that is no known release, as told by who built it',
      ),
  ).action(async (options: unknown) => {
    const wish = AddOptions.parse(options);
    const sha256 = wish.sha256.map(parseHash);
    const files = [
      { path: 'ipxe.efi', file: wish.ipxe },
      { path: 'wimboot', file: wish.wimboot },
    ];
    const made = await withApi(terminal, options, async (api) => {
      const { signal } = terminal;
      const { made: kept } = await uploadPackage(api, { name: PACKAGE_NAME }, { files, signal });
      const json = { package: kept.id, sha256 };
      return await api.call('PUT', '/netboot/wimboot', WimbootView, { json });
    });
    terminal.out(
      `${describeWimboot(made)}\nto use it: metalwright netboot chain set --device <device> --chain wimboot\n`,
    );
  });

  withServerOptions(wimboot.command('remove').description('refuse the chain wimboot again')).action(
    async (options: unknown) => {
      await withApi(terminal, options, (api) => api.call('DELETE', '/netboot/wimboot', z.null()));
      terminal.out(`${describeWimboot(null)}\n`);
    },
  );
}

/** Whether the chain wimboot can be used, in a sentence. */
function describeWimboot(view: WimbootView): string {
  return view === null
    ? 'the chain wimboot is refused: nobody has added iPXE and wimboot'
    : `the chain wimboot can be used: ${view.ipxe}, ${view.wimboot} (${view.package}, version ${view.version})`;
}

function parseHash(text: string): Sha256 {
  const hash = Sha256.safeParse(text.trim().toLowerCase());
  if (hash.success) return hash.data;
  throw new CliError('cli.usage', `"${text}" is no SHA-256`, {
    hint: 'it has 64 hexadecimal digits, as sha256sum prints it',
    exitCode: 2,
  });
}
