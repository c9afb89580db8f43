import type { RunView } from '../../../../http/api.ts';
import type { Tone } from '../../parts/pill.tsx';
import { runsText } from '../../text/runs.ts';

type State = keyof typeof runsText.states;
const tones: Readonly<Record<State, Tone>> = {
  running: 'busy',
  restarting: 'busy',
  succeeded: 'good',
  failed: 'bad',
  forked: 'bad',
  lost: 'bad',
};

/** Whether a run goes on. */
export function isOpen({ state }: Pick<RunView, 'state'>): boolean {
  return state === 'running' || state === 'restarting';
}

/** Whether a run ended as it should not have. */
export function hasFailed({ state }: Pick<RunView, 'state'>): boolean {
  return state === 'failed' || state === 'forked';
}

/** How a run stands, in a word and its tone. */
export function standing(run: RunView): { readonly tone: Tone; readonly word: string } {
  const state: State = run.lostInWindowsSetup === null ? run.state : 'lost';
  return { tone: tones[state], word: runsText.states[state] };
}

/** How far the run is, of 1: steps counted alike and the running one by its bytes; null if nothing is known. */
export function fraction(progress: RunView['progress']): number | null {
  if (progress === null || progress.total === 0) return null;
  const within = progress.totalBytes ? (progress.doneBytes ?? 0) / progress.totalBytes : 0;
  return Math.min(1, (Math.max(0, progress.index - 1) + within) / progress.total);
}

/** `Step 2 of 5 · Apply Operating System Image: Debian 12`. */
export function stepText({ progress, state }: RunView): string {
  if (progress === null) return state === 'restarting' ? runsText.restarting : runsText.starting;
  const step = runsText.step(progress.index, progress.total, progress.title);
  return progress.detail === undefined ? step : `${step}: ${progress.detail}`;
}
