import { type ArchiveImport, importArchive } from '../archive/import-archive.ts';
import type { ConflictRule } from '../archive/plan-import.ts';
import { openArchive } from '../archive/read-archive.ts';
import { archiveSite } from './archive-site.ts';
import { withApi } from './client-command.ts';
import { problemLines } from './problem-lines.ts';
import { documentError } from './sequence-file.ts';
import type { Terminal } from './terminal.ts';
import { formatBytes } from './units.ts';

/** What became of a sequence or package, in words. */
const words = {
  create: 'new',
  overwrite: 'a new version',
  ignore: 'not taken in: one of that name is there',
  use: 'the one that is there is used',
  missing: 'not there, and its content is not in the archive',
} as const;

const APPLICATION_MISSING = 'not there, and not all that it needs is in the archive or here';

/**
 * Takes an archive of this program's in, and says what became of everything in it.
 *
 * @param raw options of `withServerOptions`
 * @throws {CliError} with the archive and the place in it
 */
export async function takeInArchive(
  terminal: Terminal,
  file: string,
  { onConflict, raw }: { readonly onConflict: ConflictRule; readonly raw: unknown },
): Promise<ArchiveImport> {
  let sent = 0;
  const { signal } = terminal;
  const onSent = (sizeBytes: number) => {
    sent += sizeBytes;
  };
  const done = await withApi(terminal, raw, (api) =>
    importArchive(archiveSite(api), file, { onConflict, signal, onSent }).catch(
      (error: unknown) => {
        throw documentError(error, file);
      },
    ),
  );
  terminal.out(describe(done));
  if (sent > 0) terminal.out(`${formatBytes(sent)} of content sent\n`);
  return done;
}

/** Says what is in an archive. @throws {CliError} with the archive and the place in it */
export async function tellArchive(terminal: Terminal, file: string): Promise<void> {
  const { manifest } = await readWhole(file);
  const { sequences, objects, missing, secrets } = manifest;
  terminal.out(`${file}: an archive of Metalwright, with ${manifest.with} of what is referenced\n`);
  for (const { name, version, state } of sequences)
    terminal.out(`  "${name}", version ${version}${state === 'draft' ? ', a draft' : ''}\n`);
  for (const { name, kind, id } of objects) terminal.out(`  ${kind} "${name}", ${id}\n`);
  const nameOf = (id: string) => sequences.find((each) => each.id === id)?.name ?? id;
  for (const { sequence, path, wanted } of missing)
    terminal.out(`  not there: ${JSON.stringify(wanted)}, in "${nameOf(sequence)}", ${path}\n`);
  for (const { sequence, path } of secrets)
    terminal.out(`  to put in: the secret in "${nameOf(sequence)}", ${path}\n`);
}

async function readWhole(file: string) {
  try {
    await using archive = await openArchive(file);
    return { manifest: archive.manifest };
  } catch (error) {
    throw documentError(error, file);
  }
}

function describe({ packages, sequences }: ArchiveImport): string {
  const lines = packages.flatMap(({ archived, kind, what, name, id, leftOut }) => {
    const is = kind === 'application' && what === 'missing' ? APPLICATION_MISSING : words[what];
    const of = kind === 'application' ? kind : 'package';
    const own = `${of} "${archived}": ${is}${renamed(archived, name)}`;
    return [
      `${own}${id === undefined ? '' : `, ${id}`}\n`,
      ...leftOut.map(
        (each) => `  left out: its program "${each}", what it runs first is missing\n`,
      ),
    ];
  });
  for (const { archived, what, name, id, version, state, problems, secrets } of sequences) {
    const as = state === 'draft' ? ', a draft' : '';
    lines.push(
      `"${archived}": ${words[what]}${renamed(archived, name)}, ${id}, version ${version}${as}\n`,
      ...secrets.map((path) => `  to put in: the secret at ${path}\n`),
      problemLines(problems),
    );
  }
  return lines.join('');
}

function renamed(archived: string, name: string): string {
  return archived === name ? '' : ` as "${name}"`;
}
