/** How a command of a step becomes one that Windows starts. Pure but for looking for files. */
import { extname, isAbsolute, join } from 'node:path/win32';

/** In this order, where a program is named without its extension. */
const EXTENSIONS = ['.com', '.exe', '.bat'];
const SCRIPTS = new Set(['.bat', '.cmd']);
const PROGRAMS = new Set(['.com', '.exe']);

/** What is started, and how its arguments are given. */
export interface StartedCommand {
  readonly argv: readonly [string, ...string[]];
  /** The arguments stand as cmd.exe reads them: nothing is put into quotation marks. */
  readonly verbatim: boolean;
}

/**
 * The program itself where it is one; a batch file by cmd.exe; anything else by what is associated with
 * it, which cmd.exe looks up. A name without a path is looked for in the working folder and along `PATH`.
 */
export async function startedCommand(
  command: {
    readonly argv: readonly [string, ...string[]];
    /** What the arguments were read from; its rest behind the program is given on as it stands. */
    readonly commandLine?: string | undefined;
    readonly cwd?: string | undefined;
    readonly path: string;
  },
  machine: {
    readonly isFile: (path: string) => Promise<boolean>;
    /** `X:\Windows\System32\cmd.exe` */
    readonly shell: string;
  },
): Promise<StartedCommand> {
  const [named, ...words] = command.argv;
  const program = (await findProgram(named, command, machine.isFile)) ?? named;
  const extension = extname(program).toLowerCase();
  const rest = command.commandLine === undefined ? undefined : behindProgram(command.commandLine);
  if (extension === '' || PROGRAMS.has(extension))
    return rest === undefined
      ? { argv: [program, ...words], verbatim: false }
      : { argv: [program, rest], verbatim: true };
  const given = rest ?? words.map(quoteForShell).join(' ');
  // `start` opens what is no program, waits for it, and takes the first text in quotes for a title.
  const line = SCRIPTS.has(extension)
    ? `"${program}" ${given}`
    : `start "" /wait /b "${program}" ${given}`;
  return {
    argv: [machine.shell, '/e:on', '/v:off', '/d', '/s', '/c', `"${line.trim()}"`],
    verbatim: true,
  };
}

async function findProgram(
  named: string,
  { cwd, path }: { readonly cwd?: string | undefined; readonly path: string },
  isFile: (path: string) => Promise<boolean>,
): Promise<string | undefined> {
  const endings = extname(named) === '' ? EXTENSIONS : [''];
  const base = cwd === undefined ? [] : [cwd];
  const folders = isAbsolute(named)
    ? ['']
    : /[\\/]/.test(named)
      ? base
      : [...base, ...path.split(';').map((each) => each.replaceAll('"', ''))];
  for (const folder of folders) {
    if (folder !== '' && !isAbsolute(folder)) continue;
    for (const ending of endings) {
      const file = folder === '' ? `${named}${ending}` : join(folder, `${named}${ending}`);
      if (await isFile(file)) return file;
    }
  }
  return undefined;
}

/**
 * What stands behind the first word of a command line, quoted or not. Programs of Windows know no single
 * quotation marks: where they group words, the words count, as they were read.
 */
function behindProgram(commandLine: string): string | undefined {
  if (/(^|[\s=])'/.test(commandLine)) return undefined;
  return commandLine.trimStart().replace(/^(?:"[^"]*"|[^\s"])+\s*/, '');
}

/**
 * An argument in quotation marks for cmd.exe and a batch file. In them only `%` is special: it is followed by
 * a part of nothing, so that no name of a variable comes about. Two quotation marks are one.
 */
function quoteForShell(word: string): string {
  const text = word.replaceAll(/[\r\n\0]/g, ' ').replaceAll('%', '%%cd:~,%');
  return `"${text.replaceAll('"', '""')}"`;
}
