import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Assignment, ScenarioResult } from './assignment.ts';
import { inNamespace, openNetwork } from './namespace.ts';
import type { LabImages, Scenario, WindowsMedia } from './scenario.ts';

/** How one scenario went. */
export interface Outcome {
  readonly scenario: Scenario;
  /** Why it failed, in one line; null when it passed. */
  readonly failure: string | null;
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
  const { how, isLate } = await runToEnd(argv, limitMs, options.signal);
  const result = await readResult(join(directory, 'result.json'), how);
  if (result.failure === null && !options.keep)
    await rm(directory, { recursive: true, force: true });
  const late = isLate ? `it took more than ${limitMs / 1000} s: ` : '';
  const failure = result.failure && `${late}${result.failure}`;
  return { scenario, ...result, failure, seconds: (performance.now() - started) / 1000 };
}

/** Lets it clean up on SIGTERM; the namespace's end kills what does not. Tells how the process ended. */
async function runToEnd(
  argv: readonly [string, ...string[]],
  limitMs: number,
  signal: AbortSignal,
): Promise<{ readonly how: string; readonly isLate: boolean }> {
  const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'inherit', 'inherit'] });
  let hard: NodeJS.Timeout | undefined;
  let isLate = false;
  const stop = () => {
    child.kill('SIGTERM');
    hard = setTimeout(() => child.kill('SIGKILL'), 15_000);
  };
  const limit = setTimeout(() => {
    isLate = true;
    console.log(`  stopped: it took more than ${limitMs / 1000} s`);
    stop();
  }, limitMs);
  signal.addEventListener('abort', stop);
  const how = await new Promise<string>((resolve, reject) => {
    child.once('close', (code, killedBy) => resolve(killedBy ?? `exit code ${code}`));
    child.once('error', reject);
  });
  signal.removeEventListener('abort', stop);
  clearTimeout(limit);
  clearTimeout(hard);
  return { how, isLate };
}

async function readResult(path: string, how: string): Promise<ScenarioResult> {
  try {
    return ScenarioResult.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return { failure: `it ended without saying why (${how})`, boots: 0 };
  }
}
