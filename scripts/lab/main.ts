/**
 * Whole boots in virtual machines: `npm run lab -- <name>...`, `--all`, `--list`, or
 * `--budget <seconds> --rotate <number>` for the fixed core and as much of the rest as fits.
 * `--keep` keeps the files of passed scenarios too, `--summary <file>` writes the counts as JSON.
 *
 * `npm run lab -- windows --iso <file> [--edition <name>] [--report <folder>]` installs a real Windows.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { failureReason } from './failure-reason.ts';
import { prepareImages } from './images.ts';
import { deleteLeftovers } from './leftovers.ts';
import { ARTIFACTS, type Outcome, runScenario } from './run-scenario.ts';
import type { Scenario, WindowsMedia } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';
import { windows } from './scenarios/windows.ts';
import { type Selection, selectByBudget, selectByName } from './selection.ts';
import { lookForWindows } from './windows/look.ts';
import { missingForWindows } from './windows/needs.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    budget: { type: 'string' },
    rotate: { type: 'string', default: '0' },
    summary: { type: 'string' },
    iso: { type: 'string' },
    edition: { type: 'string' },
    report: { type: 'string', default: 'metalwright-windows-report' },
  },
});

if (values.list) list(scenarios);
else if (positionals.includes(windows.name)) process.exitCode = await runWindows();
else process.exitCode = await runAll(select());

/** Refuses with what is missing, before anything is built. */
async function runWindows(): Promise<number> {
  mkdirSync(ARTIFACTS, { recursive: true });
  const iso = values.iso === undefined ? undefined : resolve(values.iso);
  const facts = await lookForWindows(iso, ARTIFACTS, new AbortController().signal);
  const missing = missingForWindows(facts);
  if (missing.length > 0 || iso === undefined) {
    console.log('A real Windows cannot be installed here. It needs:');
    for (const sentence of missing) console.log(`- ${sentence}`);
    return 1;
  }
  const { edition } = values;
  const media: WindowsMedia = { iso, edition, report: resolve(values.report) };
  return runAll({ chosen: [windows], left: [] }, media);
}

function select(): Selection {
  if (values.all) return { chosen: scenarios, left: [] };
  if (values.budget !== undefined)
    return selectByBudget(scenarios, Number(values.budget), Number(values.rotate));
  if (positionals.length > 0) return selectByName(scenarios, positionals);
  throw new RangeError('say which: names, --all, --budget <seconds>, or --list');
}

function list(all: readonly Scenario[]): void {
  for (const { name, kind, estimateSeconds, core, title } of all)
    console.log(
      `${name.padEnd(22)} ${kind.padEnd(8)} ${String(estimateSeconds).padStart(4)} s ${core ? 'core' : '    '}  ${title}`,
    );
}

async function runAll({ chosen, left }: Selection, media?: WindowsMedia): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  const outcomes: Outcome[] = [];
  const failures: Failure[] = [];
  try {
    await deleteLeftovers();
    const images = await prepareImages(
      chosen.some(({ kind }) => kind === 'machine'),
      stop.signal,
    );
    for (const scenario of chosen) {
      if (stop.signal.aborted) break;
      console.log(`${scenario.name}: ${scenario.title}`);
      await scenario.prepare?.({ signal: stop.signal, log: console.log });
      const outcome = await runScenario(scenario, {
        images,
        keep: values.keep,
        signal: stop.signal,
        ...(media === undefined ? {} : { windows: media }),
      });
      const verdict =
        outcome.failure === null
          ? 'passed'
          : `FAILED, its files are in ${ARTIFACTS}/${scenario.name}`;
      console.log(`${scenario.name}: ${verdict}, ${outcome.seconds.toFixed(0)} s\n`);
      outcomes.push(outcome);
    }
  } catch (error) {
    // What is built before a scenario, and its network: none after it can run.
    console.log(error instanceof Error ? error.stack : error);
    failures.push({ what: 'lab', reason: failureReason(error) });
  }
  return tell({ chosen, left }, outcomes, failures);
}

/** What failed, and why in one line: the last lines are often all that is kept of a run elsewhere. */
interface Failure {
  readonly what: string;
  readonly reason: string;
}

function tell(
  { chosen, left }: Selection,
  outcomes: readonly Outcome[],
  before: readonly Failure[],
): number {
  const failures = outcomes.flatMap(({ scenario, failure }) =>
    failure === null ? [] : [{ what: `lab scenario ${scenario.name}`, reason: failure }],
  );
  const counts = {
    boots: outcomes.reduce((sum, outcome) => sum + outcome.boots, 0),
    passed: outcomes.length - failures.length,
    failed: failures.length + before.length,
    failures: [...failures, ...before],
    skipped: chosen.length - outcomes.length,
  };
  if (left.length > 0 && positionals.length === 0)
    console.log(`left for another turn: ${left.map((scenario) => scenario.name).join(', ')}`);
  for (const { what, reason } of counts.failures) console.log(`FAILED: ${what}: ${reason}`);
  console.log(
    `${counts.boots} whole boots, ${counts.passed} scenarios passed, ${counts.failed} failed, ${counts.skipped} skipped`,
  );
  if (values.summary !== undefined) writeFileSync(values.summary, JSON.stringify(counts));
  return counts.failed + counts.skipped > 0 ? 1 : 0;
}
