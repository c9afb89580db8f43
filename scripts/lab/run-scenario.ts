import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Assignment, ScenarioResult } from './assignment.ts';
import { inNamespace, openNetwork } from './namespace.ts';
import type { LabImages, Scenario, WindowsMedia } from './scenario.ts';

/** How one scenario went. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly passed: boolean;
  readonly boots: number;
  readonly seconds: number;
}

/** Where the files of a failed scenario are kept. */
export const ARTIFACTS = join(import.meta.dirname, '../../.cache/lab');

/**
 * Runs one scenario in a fresh network and a process of its own. Its files are deleted when it passes
 * (unless `keep`). It is killed when it takes more than eight times its estimate, and at least 10 minutes.
 */
export async function runScenario(
  scenario: Scenario,
  options: {
    readonly images: LabImages;
    readonly keep: boolean;
    readonly signal: AbortSignal;
    readonly windows?: WindowsMedia;
  },
): Promise<Outcome> {
  const started = performance.now();
  const directory = join(ARTIFACTS, scenario.name);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await using network = await openNetwork();
  const assignment: Assignment = {
    scenario: scenario.name,
    directory,
    foreignNamespace: network.foreign,
    images: options.images,
    windows: options.windows,
  };
  const limitMs = Math.max(600, scenario.estimateSeconds * 8) * 1000;
  const argv = inNamespace(network.site, [
    process.execPath,
    join(import.meta.dirname, 'scenario-process.ts'),
    JSON.stringify(assignment),
  ]);
  await runToEnd(argv, limitMs, options.signal);
  const result = await readResult(join(directory, 'result.json'));
  if (result.passed && !options.keep) await rm(directory, { recursive: true, force: true });
  return { scenario, ...result, seconds: (performance.now() - started) / 1000 };
}

/** Lets it clean up on SIGTERM; the namespace's end kills what does not. */
async function runToEnd(
  argv: readonly [string, ...string[]],
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'inherit', 'inherit'] });
  let hard: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill('SIGTERM');
    hard = setTimeout(() => child.kill('SIGKILL'), 15_000);
  };
  const limit = setTimeout(() => {
    console.log(`  stopped: it took more than ${limitMs / 1000} s`);
    stop();
  }, limitMs);
  signal.addEventListener('abort', stop);
  await new Promise((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  signal.removeEventListener('abort', stop);
  clearTimeout(limit);
  clearTimeout(hard);
}

async function readResult(path: string): Promise<ScenarioResult> {
  try {
    return ScenarioResult.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return { passed: false, boots: 0 }; // it was killed before it could say
  }
}
