import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** Where the built console is: `scripts/build-console.ts` puts it there. */
export const consoleFolder = join(import.meta.dirname, '../../node_modules/.metalwright-console');

/** A file of the console, as it is and compressed by Brotli. */
export interface ConsoleFile {
  readonly bytes: Uint8Array;
  readonly brotli: Uint8Array | undefined;
  readonly type: string;
  readonly etag: string;
}

/** The built console in memory. */
export interface BuiltConsole {
  /** The file of a name, `index.html` for each page; undefined for one that is not there. */
  file(name: string): Promise<ConsoleFile | undefined>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Reads the console when it is first asked for, and again when another one was built. */
export function openConsole(folder: string = consoleFolder): BuiltConsole {
  let files = new Map<string, ConsoleFile>();
  let readMs = 0;
  return {
    async file(name) {
      if (name === 'index.html' || files.size === 0) {
        const builtMs = await stat(join(folder, 'index.html')).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        );
        if (builtMs !== readMs) {
          // What an open page still loads is named by its hash: the files of before stay.
          const newest = builtMs === 0 ? [] : await readFolder(folder);
          files = new Map(builtMs === 0 ? [] : [...files, ...newest]);
          readMs = builtMs;
        }
      }
      return files.get(name);
    },
  };
}

async function readFolder(folder: string): Promise<(readonly [string, ConsoleFile])[]> {
  const names = new Set(await readdir(folder));
  return await Promise.all(
    [...names].flatMap((name) => {
      const type = types[extname(name)];
      return type === undefined ? [] : [readConsoleFile(name, type)];
    }),
  );

  async function readConsoleFile(name: string, type: string) {
    const bytes = await readFile(join(folder, name));
    const brotli = names.has(`${name}.br`) ? await readFile(join(folder, `${name}.br`)) : undefined;
    return [name, { bytes, brotli, type, etag: tagOf(bytes) }] as const;
  }
}

/** Strong tag of a file. */
function tagOf(bytes: Uint8Array): string {
  return `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
}
