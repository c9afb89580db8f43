import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompressSync } from 'node:zlib';
import { PackageUnavailable } from '../agent-build/node-package.ts';
import { agentTargets, type TargetName } from '../agent-build/target.ts';
import { buildAgent, packAgent } from '../build-agent.ts';
import { cacheDirectory } from '../cache-directory.ts';
import { type Benchmark, below, checked, type Figure, told } from './benchmark.ts';
import { interleaved } from './medians.ts';

const LIMIT_S = 5;
const STARTS = 5;
const packagesDirectory = join(cacheDirectory, 'boot-build/node');
const entry = resolve(import.meta.dirname, '../../agent/main.ts');

/** The packaged agent: each target built twice, its size, and how fast the one for Linux starts. */
export const agentBuild: Benchmark = {
  name: 'agent-build',
  title: 'the packaged agent for each target: time, equal bytes, size, start',
  run: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-agent-'));
    try {
      return [
        ...(await benchTarget('windows-x64', folder)),
        ...(await benchTarget('windows-arm64', folder)),
        ...(await benchTarget('linux-x64', folder)),
        ...(await benchStart(folder)),
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** The first build may fetch, and is not timed; the second is in another folder. */
async function benchTarget(name: TargetName, folder: string): Promise<readonly Figure[]> {
  const outDirectory = join(folder, name);
  try {
    const first = await build(name, outDirectory, join(folder, 'work'));
    const began = performance.now();
    const second = await build(name, `${outDirectory}-again`, join(folder, 'in/another/folder'));
    const seconds = (performance.now() - began) / 1000;
    const { object, system } = agentTargets[name];
    const content = await readFile(join(outDirectory, object));
    const isWindows = system === 'windows';
    const bare = isWindows ? content : zstdDecompressSync(content);
    const small = isWindows ? packAgent(content) : content;
    return [
      isWindows
        ? below(`${name}: build`, seconds, LIMIT_S, 's')
        : told(`${name}: build, with packing`, seconds, 's'),
      checked('  built twice', first.sha256 === second.sha256, second.sha256.slice(0, 16)),
      told('  executable', bare.length / 1e6, 'MB'),
      told('  packed by zstd', small.length / 1e6, 'MB'),
    ];
  } catch (error) {
    if (!(error instanceof PackageUnavailable)) throw error;
    return [leftOut(`${name} is left out: ${error.message.split('\n')[0] ?? ''}`)];
  }
}

async function build(
  target: TargetName,
  outDirectory: string,
  work: string,
): ReturnType<typeof buildAgent> {
  return buildAgent({
    target,
    outDirectory,
    cacheDirectory: work,
    packagesDirectory,
    signal: new AbortController().signal,
    log: () => {},
  });
}

async function benchStart(folder: string): Promise<readonly Figure[]> {
  const packed = join(folder, 'linux-x64', agentTargets['linux-x64'].object);
  const agent = join(folder, 'agent');
  await writeFile(agent, zstdDecompressSync(await readFile(packed)));
  await chmod(agent, 0o755);
  const times = await interleaved(
    {
      packaged: async () => start(agent, ['--version']),
      sources: async () => start(process.execPath, [entry, '--version']),
    },
    STARTS,
  );
  const median = (name: 'packaged' | 'sources'): number => times.get(name)?.medianMs ?? Number.NaN;
  return [
    told('linux-x64: `--version`', median('packaged'), 'ms'),
    told('  node with the sources', median('sources'), 'ms'),
    leftOut('`--version` for Windows is left out: nothing here runs it'),
  ];
}

async function start(file: string, argv: readonly string[]): Promise<number> {
  const began = performance.now();
  await promisify(execFile)(file, argv);
  return performance.now() - began;
}

function leftOut(what: string): Figure {
  return { what, value: '', limit: '', ok: undefined };
}
