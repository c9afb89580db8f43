import { Command } from 'commander';
import { expect, it } from 'vitest';
import { commandsFor } from './commands.ts';
import { silentTerminal } from './testing/silent-terminal.ts';

/** Names of the commands that a word leads to. */
async function namesFor(word: string | undefined): Promise<string[]> {
  const program = new Command();
  for (const add of await commandsFor(word)) add(program, silentTerminal);
  return program.commands.map((command) => command.name());
}

it('loads what a word names, and no more; all for help and for what nothing is called', async () => {
  const all = await namesFor(undefined);
  expect(all.slice(0, 3)).toEqual(['serve', 'status', 'admin-link']);
  expect(new Set(all).size).toBe(all.length);
  for (const name of all) {
    const own = await namesFor(name);
    expect([name, own.includes(name), own.length <= 2]).toEqual([name, true, true]);
  }
  for (const other of ['help', '--help', 'statsu']) expect(await namesFor(other)).toEqual(all);
});
