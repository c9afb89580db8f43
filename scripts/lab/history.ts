import type { RunEvent } from '#agent/protocol/run-event.ts';
import { describeFact } from '#server/cli/run-text.ts';
import type { RunDetail } from '#server/http/api.ts';
import { expect, type Lab } from './scenario.ts';
import type { Site } from './site.ts';
import { waitFor } from './wait.ts';

/** Waits until the newest run has ended (or, with `until`, until that holds), and returns it. */
export async function waitForRun(
  lab: Lab,
  site: Site,
  options: {
    readonly timeoutMs: number;
    readonly until?: (run: RunDetail) => boolean;
    readonly everyMs?: number;
    /** Name of the device; any when absent. */
    readonly of?: string;
  },
): Promise<RunDetail> {
  const until = options.until ?? ((run: RunDetail) => run.endedMs !== null);
  let seen: RunDetail | undefined;
  return await waitFor(
    'the run gets there',
    async () => {
      const [newest] = (await site.runs())
        .filter(({ deviceName }) => options.of === undefined || deviceName === options.of)
        .sort((a, b) => b.startedMs - a.startedMs);
      seen = newest === undefined ? undefined : await site.run(newest.id);
      return seen !== undefined && until(seen) ? seen : undefined;
    },
    {
      timeoutMs: options.timeoutMs,
      everyMs: options.everyMs ?? 500,
      signal: lab.signal,
      evidence: () =>
        seen === undefined
          ? `no run was started\n${site.log()}`
          : historyLines(seen.events).join('\n'),
    },
  );
}

/** The facts of a run, one line each. */
export function historyLines(events: readonly RunEvent[]): string[] {
  return events.map(({ seq, fact }) => `${String(seq).padStart(3)} ${describeFact(fact)}`);
}

/** Says the whole history of a run in the scenario's output. */
export function seeHistory(lab: Lab, run: RunDetail): void {
  for (const line of historyLines(run.events)) lab.see('history', line);
  lab.see('history', `run ${run.state}`);
}

/** How each step ended, in the order of their ends: `Format disk: ok`, `Set x: failed`, `Reboot: skipped`. */
export function stepEnds(events: readonly RunEvent[]): string[] {
  return events.flatMap(({ fact }) => {
    if (fact.kind === 'step-finished') return [`${fact.name}: ${fact.succeeded ? 'ok' : 'failed'}`];
    return fact.kind === 'step-skipped' ? [`${fact.name}: skipped`] : [];
  });
}

/**
 * Where a history breaks M56: an event missing or kept twice, a step started while another is open, run
 * again without its interruption having been noted, or finished twice. Empty when it is whole.
 */
export function historyFaults(events: readonly RunEvent[]): string[] {
  const faults: string[] = [];
  const done = new Set<string>();
  let open: string | undefined;
  for (const [index, { seq, fact }] of events.entries()) {
    if (seq !== index + 1) faults.push(`event ${index + 1} has seq ${seq}`);
    switch (fact.kind) {
      case 'step-started':
        if (open !== undefined) faults.push(`${seq}: ${fact.stepId} starts while ${open} is open`);
        if (done.has(fact.stepId)) faults.push(`${seq}: ${fact.stepId} starts after it finished`);
        open = fact.stepId;
        break;
      case 'step-interrupted':
        if (open !== fact.stepId)
          faults.push(`${seq}: ${fact.stepId} interrupted, open is ${open}`);
        open = undefined;
        break;
      case 'step-finished':
        if (open !== fact.stepId) faults.push(`${seq}: ${fact.stepId} finishes, open is ${open}`);
        done.add(fact.stepId);
        open = undefined;
        break;
      case 'run-finished':
        if (index !== events.length - 1) faults.push(`${seq}: the run ends before its last event`);
        break;
      case 'run-started':
      case 'condition-answered':
      case 'step-skipped':
      case 'group-entered':
      case 'group-left':
      case 'restart-requested':
      case 'disk-chosen':
      case 'resumed':
      case 'restart-refused':
        break;
    }
  }
  return faults;
}

/** @throws {Mismatch} unless the run succeeded with exactly these step ends and a whole history */
export function expectRun(run: RunDetail, ends: readonly string[]): void {
  const evidence = () => `${JSON.stringify(run.error)}\n${historyLines(run.events).join('\n')}`;
  expect(run.state === 'succeeded', `the run succeeded, it is ${run.state}`, evidence);
  const seen = stepEnds(run.events);
  expect(
    JSON.stringify(seen) === JSON.stringify(ends),
    `steps ended as ${ends.join(', ')}; seen ${seen.join(', ')}`,
    evidence,
  );
  expectWhole(run);
}

/** @throws {Mismatch} unless each event is there once and no step ran twice or was skipped silently */
export function expectWhole(run: RunDetail): void {
  const faults = historyFaults(run.events);
  expect(faults.length === 0, `a whole history: ${faults.join('; ')}`, () =>
    historyLines(run.events).join('\n'),
  );
}
