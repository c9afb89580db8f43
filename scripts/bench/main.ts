/**
 * How fast the parts are, and whether they stay within their limits: `npm run bench` lists the benchmarks,
 * `npm run bench -- <name>...` runs them. Exits with 1 when a limit is broken or a result is wrong.
 */
import { cpus, loadavg, totalmem } from 'node:os';
import { agentBuild } from './agent-build.ts';
import { apply } from './apply.ts';
import type { Benchmark } from './benchmark.ts';
import { consolePages } from './console.ts';
import { dhcp } from './dhcp.ts';
import { documents } from './documents.ts';
import { engine } from './engine.ts';
import { http } from './http.ts';
import { inventory } from './inventory.ts';
import { media } from './media.ts';
import { site } from './site.ts';
import { formatTable } from './table.ts';
import { tftp } from './tftp.ts';

const benchmarks: readonly Benchmark[] = [
  engine,
  documents,
  agentBuild,
  inventory,
  site,
  tftp,
  dhcp,
  http,
  apply,
  media,
  consolePages,
];

const names = process.argv.slice(2);
const unknown = names.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) throw new RangeError(`there is no benchmark ${unknown.join(', ')}`);
if (names.length === 0)
  for (const { name, title } of benchmarks) console.log(`${name.padEnd(12)} ${title}`);
else process.exitCode = await runAll(benchmarks.filter(({ name }) => names.includes(name)));

async function runAll(chosen: readonly Benchmark[]): Promise<number> {
  const [cpu] = cpus();
  const memoryGb = Math.round(totalmem() / 1024 ** 3);
  console.log(
    `node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores (${cpu?.model ?? ''}), ${memoryGb} GB`,
  );
  // With more to do than cores, times are those of the queue.
  console.log(`load ${loadavg()[0]?.toFixed(1)}`);
  let broken = 0;
  for (const { name, title, run } of chosen) {
    console.log(`\n${name}: ${title}`);
    const figures = await run();
    console.log(formatTable(figures));
    broken += figures.filter(({ ok }) => ok === false).length;
  }
  console.log(broken === 0 ? '\nall within limits' : `\n${broken} BROKEN`);
  return broken === 0 ? 0 : 1;
}
