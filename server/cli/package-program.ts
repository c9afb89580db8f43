import type { Command } from 'commander';
import { z } from 'zod';
import { FilePackageView } from '../http/api-packages.ts';
import { ProgramView } from '../http/api-software.ts';
import type { ApiClient } from './api-client.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { findByName } from './find-by-name.ts';
import { readPlainDocument } from './plain-document.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';

const Programs = z.array(ProgramView);

/** `metalwright package program add|list|remove`: how the installers of a package are called. */
export function packageProgramCommand(parent: Command, terminal: Terminal): void {
  const command = parent
    .command('program')
    .description('how the installers of a package are called, for Install Package');

  withServerOptions(
    command
      .command('add')
      .argument('<package>', 'name or id')
      .argument('<file>', 'YAML or JSON of one program, or a list: docs/applications.md')
      .description('set a program of a package; one of that name is replaced'),
  ).action(async (wanted: string, file: string, options: unknown) => {
    const value = await readPlainDocument(file);
    const given: readonly unknown[] = Array.isArray(value) ? value : [value];
    await withApi(terminal, options, async (api) => {
      const id = await packageId(api, wanted);
      for (const json of given) {
        const programs = await api.call('PUT', `/packages/${id}/programs`, Programs, { json });
        const { name } = z.object({ name: z.string() }).parse(json);
        terminal.out(`${id} has the program "${name}", one of ${programs.length}\n`);
      }
    });
  });

  withServerOptions(
    command
      .command('list')
      .argument('<package>', 'name or id')
      .description('list the programs of a package')
      .option('--json', 'as JSON'),
  ).action(async (wanted: string, options: unknown) => {
    const programs = await withApi(terminal, options, async (api) =>
      api.call('GET', `/packages/${await packageId(api, wanted)}/programs`, Programs),
    );
    writeList(terminal, programs, {
      json: wantsJson(options),
      empty: 'it has no program: metalwright package program add <package> <file>',
      columns: [
        { title: 'NAME', value: (row) => row.name },
        { title: 'SUCCESS', value: (row) => row.successCodes.join(' ') },
        { title: 'RESTART', value: (row) => row.rebootCodes.join(' ') },
        { title: 'MINUTES', value: (row) => String(row.maxRunMinutes) },
        { title: 'FIRST', value: (row) => row.runFirst?.program ?? '' },
        { title: 'COMMAND LINE', value: (row) => row.commandLine },
      ],
    });
  });

  withServerOptions(
    command
      .command('remove')
      .argument('<package>', 'name or id')
      .argument('<program>', 'its name')
      .description('take a program away'),
  ).action(async (wanted: string, name: string, options: unknown) => {
    const left = await withApi(terminal, options, async (api) => {
      const id = await packageId(api, wanted);
      const path = `/packages/${id}/programs/${encodeURIComponent(name)}`;
      return await api.call('DELETE', path, Programs);
    });
    terminal.out(`took it away; ${left.length} are left\n`);
  });
}

async function packageId(api: ApiClient, wanted: string): Promise<string> {
  const all = await api.call('GET', '/packages', z.array(FilePackageView));
  return findByName(
    all.filter(({ kind }) => kind === 'package'),
    wanted,
    {
      what: 'package',
      listCommand: 'metalwright package list',
      names: ({ id, name }) => [id, name],
      label: ({ id, name }) => `"${name}" (${id})`,
    },
  ).id;
}
