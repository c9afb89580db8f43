import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { z } from 'zod';

const repository = resolve(import.meta.dirname, '../..');
const VERSION_PLACEHOLDER = '@METALWRIGHT-AGENT-VERSION@';

/** A program as one file, and the hash of it and of all that builds it. */
export interface Bundle {
  readonly hash: string;
  /** Its text with the version in it. */
  readonly text: (version: string) => string;
}

/** Bundles `agent/main.ts`, or another entry, into one CommonJS file. */
export async function bundleAgent(entry = join(repository, 'agent/main.ts')): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: repository,
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node26',
    legalComments: 'none',
    logLevel: 'silent',
    define: {
      'process.env.METALWRIGHT_AGENT_VERSION': JSON.stringify(VERSION_PLACEHOLDER),
    },
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  const hash = createHash('sha256').update(output.text);
  for (const path of await buildSources()) hash.update(await readFile(path));
  return {
    hash: hash.digest('hex'),
    text: (version) => output.text.replaceAll(VERSION_PLACEHOLDER, version),
  };
}

async function buildSources(): Promise<string[]> {
  const names = await readdir(import.meta.dirname);
  const sources = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const paths = sources.sort().map((name) => join(import.meta.dirname, name));
  return [join(repository, 'scripts/build-agent.ts'), ...paths];
}

/** The version of the package that the agent is part of. */
export async function packageVersion(): Promise<string> {
  const text = await readFile(join(repository, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
