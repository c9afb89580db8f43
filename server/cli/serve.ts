import { type Command, Option } from 'commander';
import { z } from 'zod';
import { NetbootSettings } from '../http/api.ts';
import type { Terminal } from './terminal.ts';
import { parseNames } from './units.ts';

const Options = z.object({
  config: z.string().optional(),
  data: z.string().optional(),
  bootImages: z.string().optional(),
  answerOn: z.array(z.string()).optional(),
  unknown: NetbootSettings.shape.unknownMachines.optional(),
});

/** `metalwright serve`. */
export function serveCommand(program: Command, terminal: Terminal): void {
  program
    .command('serve')
    .description('run the server; it answers no machine until told on which interface')
    .option('--config <file>', 'YAML file with settings')
    .option(
      '--data <dir>',
      'data directory: database, keys, images (default: /var/lib/metalwright)',
    )
    .option('--boot-images <dir>', 'directory with the Linux PE boot image')
    .option('--answer-on <interfaces>', 'answer network boots on these, commas between', parseNames)
    .addOption(
      new Option('--unknown <what>', 'machines without a record').choices([
        'deploy',
        'ask',
        'ignore',
      ]),
    )
    .action(async (rawOptions: unknown) => {
      const { config, data, bootImages, answerOn, unknown } = Options.parse(rawOptions);
      // Loaded only here: the other commands start faster without the server.
      const { serve } = await import('../main.ts');
      await serve({ config, data, bootImages, answerOn, unknown }, process.env, terminal);
    });
}
