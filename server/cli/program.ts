import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import { accountCommand } from './account.ts';
import { adminLinkCommand } from './admin-link.ts';
import { applicationCommand } from './application.ts';
import { applyCommand } from './apply/apply.ts';
import { auditCommand } from './audit.ts';
import { backupCommand, restoreCommand } from './backup.ts';
import { bootImageCommand } from './boot-image.ts';
import { boundaryGroupCommand } from './boundary-group.ts';
import { asCliError, formatCliError } from './cli-error.ts';
import { collectionCommand } from './collection.ts';
import { configCommand } from './config.ts';
import { databaseCommand } from './database.ts';
import { deployCommand } from './deploy.ts';
import { deviceCommand } from './device.ts';
import { distributionPointCommand } from './distribution-point.ts';
import { doctorCommand } from './doctor.ts';
import { driverCommand } from './driver.ts';
import { driverPackCommand } from './driver-pack.ts';
import { featureCommand } from './feature.ts';
import { imageCommand } from './image.ts';
import { importCommand } from './import.ts';
import { migrateCommand } from './migrate.ts';
import { namingCommand } from './naming.ts';
import { netbootCommand } from './netboot.ts';
import { packageCommand } from './package.ts';
import { personCommand } from './person.ts';
import { reportCommand, retentionCommand } from './report.ts';
import { runCommand } from './run.ts';
import { sequenceCommand } from './sequence.ts';
import { serveCommand } from './serve.ts';
import { statusCommand } from './status.ts';
import type { Terminal } from './terminal.ts';
import { tokenCommand } from './token.ts';
import { variableCommand } from './variable.ts';
import { webhookCommand } from './webhook.ts';
import { windowCommand } from './window.ts';

/** Every command, in the order help shows them. */
export const commands = [
  serveCommand,
  statusCommand,
  adminLinkCommand,
  personCommand,
  tokenCommand,
  auditCommand,
  doctorCommand,
  configCommand,
  backupCommand,
  restoreCommand,
  migrateCommand,
  databaseCommand,
  netbootCommand,
  featureCommand,
  imageCommand,
  bootImageCommand,
  packageCommand,
  distributionPointCommand,
  boundaryGroupCommand,
  driverPackCommand,
  driverCommand,
  applicationCommand,
  sequenceCommand,
  importCommand,
  collectionCommand,
  variableCommand,
  windowCommand,
  accountCommand,
  deployCommand,
  applyCommand,
  deviceCommand,
  namingCommand,
  runCommand,
  reportCommand,
  retentionCommand,
  webhookCommand,
];

/**
 * Runs one command line and returns the exit code: 0 done, 1 it failed, 2 the command line is wrong.
 * @param argv words after `metalwright`
 */
export async function runCommandLine(
  argv: readonly string[],
  terminal: Terminal,
): Promise<0 | 1 | 2> {
  const program = new Command('metalwright')
    .description('boots bare machines from the network and runs a task sequence on each')
    .showHelpAfterError('metalwright --help, or metalwright <command> --help, shows what there is')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
    });
  for (const add of commands) add(program, terminal);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has written help, version or its own message already; exit code 0 is asked-for help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const told = asCliError(error);
    if (told !== undefined) {
      terminal.err(formatCliError(told));
      return told.exitCode;
    }
    if (error instanceof z.ZodError) {
      terminal.err(`error: ${z.prettifyError(error)} [cli.usage]\n`);
      return 2;
    }
    terminal.err(
      `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return 1;
  }
}
