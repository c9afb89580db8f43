import { type Command, Option } from 'commander';
import { z } from 'zod';
import { ImageFacts } from '#agent/protocol/content.ts';
import { MachineArchitecture } from '#agent/protocol/identity.ts';
import { PackageView } from '../http/api.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatBytes, formatTime } from './units.ts';
import { openWimSource } from './wim-source.ts';

const AddOptions = z.object({
  name: z.string(),
  id: z.string().optional(),
  pathInIso: z.string().optional(),
  kind: z.string().optional(),
  architecture: z.string().optional(),
});

/** `metalwright image add <file> --name <name>`, `image list`. */
export function imageCommand(program: Command, terminal: Terminal): void {
  const image = program.command('image').description('operating system images (WIM files)');
  withServerOptions(
    image
      .command('add')
      .argument('<file>', 'a WIM or ESD file, or an ISO with Windows')
      .description('store a WIM; a name that exists gets a new version')
      .requiredOption('--name <name>', 'name that task sequences refer to')
      .option('--id <id>', 'package id, 3 to 16 of A-Z and 0-9 (default: the next free one)')
      .option(
        '--path-in-iso <path>',
        'the WIM of an ISO (default: sources/install.wim or sources/install.esd)',
      )
      .addOption(
        new Option('--kind <kind>', 'what its images hold (default: what the WIM says)').choices(
          ImageFacts.shape.kind.options,
        ),
      )
      .addOption(
        new Option(
          '--architecture <architecture>',
          'machines that its images are for (default: what the WIM says)',
        ).choices(MachineArchitecture.options),
      ),
  ).action(async (file: string, options: unknown) => {
    const { pathInIso, ...wish } = AddOptions.parse(options);
    const source = await openWimSource(file, { wanted: 'install', pathInIso }, terminal.signal);
    const query = new URLSearchParams(
      Object.entries(wish).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    );
    const added = await withApi(terminal, options, (api) =>
      api.call('POST', `/images?${query.toString()}`, PackageView, {
        stream: source.open(),
        sizeBytes: source.sizeBytes,
      }),
    );
    terminal.out(
      `stored "${added.name}" as ${added.id}, version ${added.version}, ${formatBytes(added.sizeBytes)}\n` +
        added.images.map((each) => `  ${describeImage(each)}\n`).join(''),
    );
  });

  withServerOptions(
    image.command('list').description('list stored images').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const packages = await withApi(terminal, options, (api) =>
      api.call('GET', '/images', z.array(PackageView)),
    );
    writeList(terminal, packages, {
      json: wantsJson(options),
      empty: 'no image is stored yet: metalwright image add <file.wim> --name <name>',
      columns: [
        { title: 'ID', value: (row) => row.id },
        { title: 'NAME', value: (row) => row.name },
        { title: 'VERSION', value: (row) => String(row.version) },
        { title: 'SIZE', value: (row) => formatBytes(row.sizeBytes) },
        { title: 'ADDED', value: (row) => formatTime(row.createdMs) },
        { title: 'HOLDS', value: (row) => row.images.map(describeImage).join('; ') },
      ],
    });
  });
}

/** `6: Windows 11 Pro (windows, Professional 10.0.22621.2283, x64, en-US, 15 GB, signed 2011 and 2023)` */
function describeImage(image: PackageView['images'][number]): string {
  const { windows } = image;
  const facts = [
    image.kind,
    ...(windows ? [`${windows.edition} ${windows.version}`.trim()] : []),
    image.architecture ?? 'no architecture',
    ...(windows ? [windows.languages.join(' ')] : []),
    formatBytes(image.totalBytes),
    ...(windows?.signers?.length ? [`signed ${windows.signers.join(' and ')}`] : []),
  ];
  return `${image.index}: ${image.name} (${facts.filter((fact) => fact !== '').join(', ')})`;
}
