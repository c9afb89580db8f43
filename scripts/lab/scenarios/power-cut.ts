import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunDetail } from '#server/http/api.ts';
import { readLog } from '../child.ts';
import { expectRun, expectWhole, historyLines } from '../history.ts';
import { loopCase } from '../loop-bench.ts';
import { loopImage } from '../loop-images.ts';
import type { LoopMachine } from '../loop-machine.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { openSite, type Site } from '../site.ts';
import type { VolatileDisk } from '../volatile-disk.ts';
import { LOOP_ENDS, loopSequence } from './loop-deploy.ts';

/**
 * The same run again and again on machines of loop devices, each cut off at another place: right after
 * each record of the journal, and before the end of each step is recorded though its effect is there.
 */
export const powerCut = defineScenario({
  name: 'power-cut',
  title: 'Power is cut after each started and each finished: resumed, or stopped with the reason.',
  kind: 'loop',
  estimateSeconds: 200,
  core: true,
  async run(lab) {
    const { wim } = await loopImage(lab.directory, 'linux');
    const site = await openSite(lab, 'ask');
    await site.metalwright('image', 'add', wim, '--name', 'Loop Linux');
    const whole = await cutRun(lab, site, 1, {});
    expectRun(whole.run, LOOP_ENDS);
    const places = whole.run.events.flatMap(({ seq, fact }) =>
      fact.kind === 'step-finished' ? [`before:${seq}`, `after:${seq}`] : [`after:${seq}`],
    );
    let [resumed, stopped] = [0, 0];
    for (const [index, place] of places.entries()) {
      const cut = await cutRun(lab, site, index + 2, { cut: place });
      const what = judge(cut, whole.run, place);
      if (what.startsWith('resumed')) resumed += 1;
      else stopped += 1;
      lab.see('history', `cut ${place.padEnd(9)} ${nameOf(whole.run, place).padEnd(34)} ${what}`);
    }
    lab.see(
      'history',
      `${places.length} cuts: ${resumed} resumed, ${stopped} stopped with the reason`,
    );
  },
});

export interface CutRun {
  /** False where the step had ended before the time that was named. */
  readonly wasCut: boolean;
  readonly run: RunDetail;
  /** Names of the commands that really ran, each as often as it did. */
  readonly effects: readonly string[];
  /** An operator had to say that it is the same machine: its journal was lost with its memory. */
  readonly approved: boolean;
}

/** One run, cut off there; on `disk` where the disk itself is what matters. */
export async function cutRun(
  lab: Lab,
  site: Site,
  number: number,
  {
    cut,
    disk,
    noFlush = false,
  }: {
    readonly cut?: string | undefined;
    readonly disk?: VolatileDisk;
    /** Leaves out the agent's flush until the cut. */
    readonly noFlush?: boolean;
  },
): Promise<CutRun> {
  const counter = join(lab.directory, `effects-${number}`);
  const document = loopSequence(`Cut ${number}`, counter);
  const place = { ...(cut === undefined ? {} : { cut }), ...(disk === undefined ? {} : { disk }) };
  const bench = await loopCase(lab, site, { number, document, diskMiB: 256, noFlush, ...place });
  const approval = new AbortController();
  const approved = approveTakeover(site, bench.machine, number, approval.signal);
  await bench.machine.runToEnd();
  approval.abort();
  const wasCut = bench.machine.wasCut();
  // By the clock, it may come too late.
  expect(
    wasCut === (cut !== undefined) || cut?.startsWith('during:') === true,
    `the power was cut ${cut ?? 'never'}`,
  );
  return {
    wasCut,
    run: await bench.run(),
    effects: (await readLog(counter)).split('\n').filter(Boolean),
    approved: await approved,
  };
}

/**
 * Plays the operator: before there is a disk to keep the journal on, a cut loses it, and with it the proof
 * that the machine which comes back is the same. Says whether that was asked for.
 */
async function approveTakeover(
  site: Site,
  machine: LoopMachine,
  number: number,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    if ((await machine.output()).includes('run.takeover')) {
      await site.metalwright('device', 'approve', `LOOP-${number}`);
      return true;
    }
    await pause(250);
  }
  return false;
}

/** What came of the cut. @throws {Mismatch} where a step ran twice, or was left out without a word */
export function judge({ run, effects, approved }: CutRun, whole: RunDetail, place: string): string {
  const evidence = () =>
    `cut ${place} (${nameOf(whole, place)})\neffects: ${effects.join(', ')}\n${historyLines(run.events).join('\n')}\n${JSON.stringify(run.error)}`;
  expectWhole(run);
  expect(new Set(effects).size === effects.length, 'no command ran twice', evidence);
  if (run.state === 'succeeded') {
    expectRun(run, LOOP_ENDS);
    expect(effects.length === 3, 'each command ran once', evidence);
    return approved ? 'resumed once an operator approved, success' : 'resumed by itself, success';
  }
  const interrupted = run.events.find(({ fact }) => fact.kind === 'step-interrupted')?.fact;
  expect(
    interrupted?.kind === 'step-interrupted' && !interrupted.again,
    'only a step that may not run twice stops the run',
    evidence,
  );
  expect(run.error !== null, 'a stopped run says why', evidence);
  return `stopped: ${run.error?.code}`;
}

/** What stood at that place in the run without a cut. */
export function nameOf(whole: RunDetail, place: string): string {
  const fact = whole.events.find(({ seq }) =>
    place.replace(/\+\d+$/, '').endsWith(`:${seq}`),
  )?.fact;
  return fact === undefined ? '' : `${fact.kind} ${'name' in fact ? fact.name : ''}`;
}
