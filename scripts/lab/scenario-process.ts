/**
 * Runs one scenario inside its network namespace: main.ts starts this file by `ip netns exec`, so that
 * the server, the machines and every request of the scenario are in that network without more ado, and
 * deletes the namespace with all that is still in it when this process has ended, however it ended.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAssignment, type ScenarioResult } from './assignment.ts';
import { failureReason } from './failure-reason.ts';
import type { Lab, Place } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';
import { live } from './scenarios/live.ts';
import { windows } from './scenarios/windows.ts';

const assignment = parseAssignment(process.argv[2] ?? '');
const scenario = [...scenarios, live, windows].find((one) => one.name === assignment.scenario);
if (scenario === undefined) throw new Error(`no scenario is called ${assignment.scenario}`);

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => stop.abort(new Error(`the lab was stopped by ${signal}`)));

const stack = new AsyncDisposableStack();
const counts: (() => number)[] = [];
const started = performance.now();
const lab: Lab = {
  signal: stop.signal,
  directory: assignment.directory,
  foreignNamespace: assignment.foreignNamespace,
  images: assignment.images,
  windows: assignment.windows,
  see(where: Place, line: string) {
    const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
    console.log(`  ${seconds} s  ${where.padEnd(8)} ${line}`);
  },
  use: (resource) => stack.use(resource),
  countBoots: (boots) => counts.push(boots),
};

// What nobody waits for, such as a socket's listener: the scenario cannot go on, and is to say why all the same.
process.on('uncaughtException', (error) => end({ error }));

let failure: { readonly error: unknown } | undefined;
try {
  await scenario.run(lab);
} catch (error) {
  failure = { error };
}
try {
  await stack.disposeAsync();
} catch (error) {
  failure ??= { error };
}
end(failure);

function end(failed: { readonly error: unknown } | undefined): never {
  if (failed !== undefined)
    console.log(failed.error instanceof Error ? failed.error.stack : JSON.stringify(failed.error));
  const result: ScenarioResult = {
    failure: failed === undefined ? null : failureReason(failed.error),
    boots: counts.reduce((sum, count) => sum + count(), 0),
  };
  writeFileSync(join(assignment.directory, 'result.json'), JSON.stringify(result));
  process.exit(failed === undefined ? 0 : 1); // an open socket of a failed scenario must not keep it alive
}
