import { bigLetters } from './big-letters.ts';
import { describePosition } from './progress-face.ts';
import { headerLines } from './screen.ts';
import { describeProgress, type Header, percentOf, type View } from './view.ts';

/**
 * Lines for a serial line or a log: only what is new since the view before. Of a step's progress every
 * tenth of the way is told. Pure.
 */
export function renderPlain(header: Header, before: View | undefined, view: View): string[] {
  const intro =
    before === undefined ? [`Metalwright, server ${header.server}`, ...headerLines(header)] : [];
  return [...intro, ...change(before, view)];
}

function change(before: View | undefined, view: View): string[] {
  switch (view.kind) {
    case 'starting':
      return [view.text];
    case 'waiting':
      return before?.kind === 'waiting' && before.reason === view.reason
        ? []
        : [`WAITING: ${view.reason} (${view.code})`];
    case 'menu':
      if (before?.kind === 'menu') return [];
      return [
        'Which task sequence? Type its number and Enter:',
        ...view.offers.map(({ name }, index) => `  ${index + 1}  ${name}`),
      ];
    case 'running':
      return runningChange(before?.kind === 'running' ? before : undefined, view);
    case 'failed':
      return [
        '',
        ...bigLetters('FAILED', 79),
        '',
        view.error.code,
        `${view.what}: ${view.error.message}`,
        ...(view.error.hint === undefined ? [] : [`Do: ${view.error.hint}`]),
        ...(view.runId === '' ? [] : [`Run ${view.runId}`]),
        ...(view.note === undefined ? [] : [view.note]),
      ];
    case 'done':
      break;
  }
  return [`DONE: ${view.text}`, `Run ${view.runId}`];
}

function runningChange(
  before: (View & { kind: 'running' }) | undefined,
  { sequence, progress, waiting, face }: View & { kind: 'running' },
): string[] {
  const lines: string[] = [];
  if (before === undefined && !face.hidden) lines.push(`Task sequence: ${sequence}`);
  if (waiting !== undefined && waiting !== before?.waiting) lines.push(waiting);
  if (!progress || face.hidden) return lines;
  const last = before?.face.hidden === true ? undefined : before?.progress;
  const isNew = last?.stepId !== progress.stepId || last?.index !== progress.index;
  if (isNew) lines.push(describePosition(progress, face));
  const tenth = (of: typeof progress | undefined): number =>
    of === undefined ? -1 : Math.floor((percentOf(of) ?? 0) / 10);
  const moved = isNew ? tenth(progress) > 0 : tenth(progress) !== tenth(last);
  const text = describeProgress(progress);
  if (text !== '' && (moved || progress.detail !== last?.detail)) lines.push(`  ${text}`);
  return lines;
}
