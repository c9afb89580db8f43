import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import { asCliError, formatCliError } from './cli-error.ts';
import { commandsFor } from './commands.ts';
import type { Terminal } from './terminal.ts';

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
  for (const add of await commandsFor(argv[0])) add(program, terminal);
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
