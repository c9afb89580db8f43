import type { PathFacts } from '../../../sequence/query-capability.ts';
import { peFileVersion } from '../../pe-version.ts';
import type { WindowsParts } from './parts.ts';

/** The file or folder at a path with `%windir%` and the like put in; null when there is none of the kind. */
export async function windowsPath(
  request: { readonly path: string; readonly kind: 'file' | 'folder' },
  parts: Pick<WindowsParts, 'withFile' | 'environment' | 'view'>,
  signal: AbortSignal,
): Promise<PathFacts | null> {
  signal.throwIfAborted();
  const { environment, view, withFile } = parts;
  const expanded = expandEnvironment(request.path, environment);
  if (expanded === '' || expanded.includes('\0')) return null;
  const windir = expandEnvironment('%windir%', environment);
  const path = view === '32' ? redirected(expanded, windir) : expanded;
  return withFile(path, async (found) => {
    if (found?.kind !== request.kind) return null;
    const version =
      found.kind === 'folder'
        ? null
        : await peFileVersion(async (offset, length) => found.read(offset, length));
    return { modifiedMs: found.modifiedMs, version };
  });
}

/** Puts in the variables of the system, whatever their case; a name that is none stays as it is. Once only. */
function expandEnvironment(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const values = new Map(
    Object.entries(environment).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return path.replaceAll(
    /%([^%]+)%/g,
    (all, name: string) => values.get(name.toLowerCase()) ?? all,
  );
}

/** Folders of System32 that a 32-bit program sees as they are ("File System Redirector"). */
const EXEMPT = /^\\(catroot2?|driverstore|drivers\\etc|logfiles|spool)(\\|$)/i;

/** Where the path of a 32-bit program leads: `System32` is `SysWOW64`, `Sysnative` the real one. */
function redirected(path: string, windir: string): string {
  const clean = path.replaceAll('/', '\\');
  const below = (folder: string): string | undefined => {
    const prefix = `${windir}\\${folder}`;
    const rest = clean.slice(prefix.length);
    const starts = clean.toLowerCase().startsWith(prefix.toLowerCase());
    return starts && /^(\\|$)/.test(rest) ? rest : undefined;
  };
  const native = below('Sysnative');
  if (native !== undefined) return `${windir}\\System32${native}`;
  const system = below('System32');
  return system === undefined || EXEMPT.test(system) ? path : `${windir}\\SysWOW64${system}`;
}
