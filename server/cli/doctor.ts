import { networkInterfaces } from 'node:os';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { runDoctor } from '../doctor/doctor.ts';
import { formatFindings } from '../doctor/finding.ts';
import { CliError } from './cli-error.ts';
import { wantsJson } from './client-command.ts';
import { databaseOptions, placesOf } from './database-location.ts';
import type { Terminal } from './terminal.ts';

const DoctorOptions = z.object({
  data: z.string(),
  config: z.string().optional(),
  bootImages: z.string().optional(),
  probe: z.array(z.string()).optional(),
  content: z.boolean().default(false),
  sample: z.coerce.number().int().positive().optional(),
  contentRate: z.coerce.number().positive().default(100),
});

/** `metalwright doctor [--probe <interface...>]`. Needs no server. */
export function doctorCommand(program: Command, terminal: Terminal): void {
  databaseOptions(
    program
      .command('doctor')
      .description('look for what would keep machines from booting, and say what to do'),
  )
    .addOption(
      new Option('--boot-images <dir>', 'where the boot images were built').env(
        'METALWRIGHT_BOOT_IMAGES',
      ),
    )
    .option(
      '--probe <interface...>',
      'ask for DHCP servers on these interfaces (sends a packet on each)',
    )
    .option(
      '--content',
      'read content and compare it with its hashes; goes on where it was stopped',
    )
    .option('--sample <n>', 'with --content: so many objects by lot, and not all')
    .option('--content-rate <MB>', 'with --content: megabytes that are read in a second', '100')
    .option('--json', 'as JSON')
    .action(async (rawOptions: unknown) => {
      const options = DoctorOptions.parse(rawOptions);
      const { data, bootImages, config, probe = [] } = options;
      const interfaces = networkInterfaces();
      const unknown = probe.find((name) => interfaces[name] === undefined);
      if (unknown !== undefined) {
        throw new CliError(
          'cli.usage',
          `there is no interface ${JSON.stringify(unknown)} that is up`,
          {
            hint: `there are: ${Object.keys(interfaces).join(', ')}`,
            exitCode: 2,
          },
        );
      }
      const places = await placesOf(config);
      const findings = await runDoctor(
        {
          dataDirectory: data,
          ...places,
          settings: places.config,
          settingsFile: config,
          content: options.content
            ? {
                sample: options.sample,
                bytesPerSecond: options.contentRate * 1e6,
                onProgress: progress(terminal),
              }
            : undefined,
          bootImages,
          probeOn: probe,
          interfaces,
          path: process.env['PATH'] ?? '',
          nowMs: Date.now(),
        },
        terminal.signal,
      );
      terminal.out(
        wantsJson(rawOptions) ? `${JSON.stringify(findings, null, 2)}\n` : formatFindings(findings),
      );
      const problems = findings.filter((finding) => finding.level === 'problem').length;
      if (problems > 0) {
        throw new CliError(
          'doctor.problems',
          `${problems} of ${findings.length} things looked at need something done`,
          {
            hint: 'see the lines marked PROBLEM above',
          },
        );
      }
    });
}

/** One line that grows where a person looks on, at most four times a second. */
function progress(terminal: Terminal): (done: number, all: number) => void {
  let toldMs = 0;
  return (done, all) => {
    if (terminal.columns === undefined || (done < all && performance.now() - toldMs < 250)) return;
    toldMs = performance.now();
    terminal.err(`\rcontent: ${done} of ${all} objects read${done === all ? '\n' : ''}`);
  };
}
