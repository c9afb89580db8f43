import { access, chmod, constants, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Launcher } from './launcher.ts';
import { MODULE_FILES, MODULE_NAME } from './powershell-module.ts';

/** `sun_path` of a Unix socket has 108 bytes (unix(7)), that of other systems 104. */
const MAX_SOCKET_PATH_BYTES = 100;

/** What scripts need of the file system, in a folder that only this account reads. */
export interface ScriptFolder extends AsyncDisposable {
  /** Has the launcher: belongs into PATH. */
  readonly programs: string;
  /** Has the PowerShell module: belongs into PSModulePath. */
  readonly modules: string;
  /** A free place for a socket. */
  readonly socket: string;
}

/**
 * Makes it in the first of `places` that will do: /run of an installed Debian lets nobody execute a file,
 * and the path of a socket has an end. @throws {Error} why the last one will not
 */
export async function makeScriptFolder(
  places: readonly string[],
  launcher: Launcher,
): Promise<ScriptFolder> {
  let failure: unknown = new Error('no folder was named');
  for (const place of places) {
    try {
      return await makeIn(place, launcher);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function makeIn(place: string, launcher: Launcher): Promise<ScriptFolder> {
  await mkdir(place, { recursive: true });
  const folder = await mkdtemp(join(place, 'ts-')); // mode 0700
  const remove = async (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const socket = join(folder, 'socket');
    if (Buffer.byteLength(socket) > MAX_SOCKET_PATH_BYTES)
      throw new Error(`${socket} is too long for a socket`);
    const modules = join(folder, 'modules');
    await mkdir(join(modules, MODULE_NAME), { recursive: true });
    for (const [name, text] of Object.entries(MODULE_FILES))
      await writeFile(join(modules, MODULE_NAME, name), text);
    const programs = join(folder, 'programs');
    await mkdir(programs);
    const program = join(programs, launcher.fileName);
    await writeFile(program, launcher.text);
    await chmod(program, 0o700);
    await access(program, constants.X_OK); // also EACCES where the file system is mounted noexec
    return { programs, modules, socket, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
