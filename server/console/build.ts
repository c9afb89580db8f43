import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import {
  convertCssVariables,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  mergeMantineTheme,
} from '@mantine/core';
import react from '@vitejs/plugin-react';
import { build, type Plugin } from 'vite';
import { theme, variables } from './app/theme.ts';

const repository = resolve(import.meta.dirname, '../..');
const root = join(import.meta.dirname, 'app');
/** Files outside of `app/` that are in the bundle or decide what it is. */
const alsoHashed = [
  'package-lock.json',
  'tsconfig.json',
  'server/console/build.ts',
  'server/console/page-paths.ts',
  'server/http/access-matrix.ts',
  // The editor of task sequences changes texts by what the server and the command line do.
  'agent/sequence/closest.ts',
  'agent/sequence/document-path.ts',
  'server/document-text.ts',
];
/** Folders that are hashed whole, but for their tests. */
const alsoHashedFolders = ['server/documents'];
/** Smaller ones gain nothing. */
const COMPRESSED_FROM_BYTES = 1024;

/** What the bundle is made of, by the hash of all its sources. */
export async function hashConsole(): Promise<string> {
  const hash = createHash('sha256');
  for (const path of await sources()) {
    hash.update(`${path}\0`);
    hash.update(await readFile(join(repository, path)));
    hash.update('\0');
  }
  return hash.digest('hex').slice(0, 20);
}

/** Builds the console into a folder: `index.html`, files named by their hash, and each compressed by Brotli. */
export async function buildConsole(outDir: string): Promise<void> {
  await build({
    root,
    base: '/console/',
    configFile: false,
    logLevel: 'error',
    plugins: [react(), themeFile, onlyHashed(await sources()), compressed],
    build: {
      outDir,
      emptyOutDir: true,
      assetsDir: '',
      target: 'es2024',
      // The policy of the page allows no data: address.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  });
}

/** Mantine's variables as a file: in the page they would be an inline style, which its policy does not allow. */
const themeFile: Plugin = {
  name: 'theme-file',
  resolveId: (id) => (id === 'virtual:theme.css' ? '\0virtual:theme.css' : null),
  load(id) {
    if (id !== '\0virtual:theme.css') return null;
    const merged = mergeMantineTheme(DEFAULT_THEME, theme);
    const [base, own] = [defaultCssVariablesResolver(merged), variables(merged)];
    return convertCssVariables({
      variables: { ...base.variables, ...own.variables },
      light: { ...base.light, ...own.light, '--mantine-color-scheme': 'light' },
      dark: { ...base.dark, ...own.dark, '--mantine-color-scheme': 'dark' },
    });
  },
};

/** Refuses a source that the hash does not know: a change of it would not be built. */
function onlyHashed(hashed: readonly string[]): Plugin {
  const known = new Set(hashed.map((path) => join(repository, path)));
  return {
    name: 'only-hashed',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        for (const id of Object.keys(chunk.modules)) {
          const path = id.split('?')[0] ?? '';
          if (!path.startsWith('/') || path.includes('/node_modules/') || known.has(path)) continue;
          this.error(
            `${relative(repository, path)} is in the console and not in its hash: add it to alsoHashed in server/console/build.ts`,
          );
        }
      }
    },
  };
}

const compressed: Plugin = {
  name: 'compressed',
  generateBundle: {
    order: 'post',
    handler(_options, bundle) {
      for (const [fileName, file] of Object.entries(bundle)) {
        const source = file.type === 'chunk' ? file.code : file.source;
        if (source.length < COMPRESSED_FROM_BYTES) continue;
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        this.emitFile({
          type: 'asset',
          fileName: `${fileName}.br`,
          source: brotliCompressSync(source, { params }),
        });
      }
    },
  },
};

/** Paths of all sources, from the root of the repository. */
async function sources(): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(repository, join(entry.parentPath, entry.name)));
  const others = await Promise.all(
    alsoHashedFolders.map(async (folder) => {
      const names = await readdir(join(repository, folder), { recursive: true });
      return names
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
        .map((name) => `${folder}/${name}`);
    }),
  );
  return [...files, ...alsoHashed, ...others.flat()].sort();
}
