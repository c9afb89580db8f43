import { call } from './api.js';
import { element, emptyState, keyedList, setAttribute, setPill, setText } from './dom.js';
import { bytes, clock, span } from './format.js';
import { runDetail } from './run-detail.js';

const states = {
  running: ['busy', 'running'],
  restarting: ['busy', 'restarting'],
  succeeded: ['good', 'succeeded'],
  failed: ['bad', 'failed'],
  forked: ['bad', 'forked'],
};
const isOpen = (run) => run.state === 'running' || run.state === 'restarting';

/** The list of runs, open ones first; each opens to its history and log. @returns (runs) => void */
export function runList(root, { title, summary, announce, fail }) {
  const empty = emptyState(
    'Nothing has run yet',
    'Store an image and a task sequence, deploy it to a collection, and start a machine of it from the network.',
    'metalwright deploy "My sequence" --collection "My collection" --purpose required',
  );
  const ended = new Map();
  const told = new Set();
  const draw = keyedList(root, { key: (run) => run.id, create: () => runRow({ fail }), empty });
  return (runs) => {
    draw(
      [...runs].sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)) || b.startedMs - a.startedMs),
    );
    const open = runs.filter(isOpen).length;
    const lost = runs.filter(({ lostInWindowsSetup }) => lostInWindowsSetup !== null).length;
    const failed = runs.filter((run) => run.state === 'failed' || run.state === 'forked').length;
    setText(title, String(runs.length));
    setText(
      summary,
      [
        open > 0 ? `${open} running` : '',
        lost > 0 ? `${lost} lost in Windows Setup` : '',
        failed > 0 ? `${failed} failed` : '',
      ]
        .filter(Boolean)
        .join(', '),
    );
    for (const run of runs) {
      const before = ended.get(run.id);
      ended.set(run.id, isOpen(run));
      if (before === true && !isOpen(run)) {
        announce(`${run.deviceName}: ${run.sequenceName} ${states[run.state][1]}`);
      }
      const isLost = run.lostInWindowsSetup !== null;
      if (isLost && !told.has(run.id)) announce(`${run.deviceName}: lost in Windows Setup`);
      if (isLost) told.add(run.id);
      else told.delete(run.id);
    }
  };
}

function runRow({ fail }) {
  const pill = element('span', { class: 'pill' });
  const name = element('span', { class: 'name' });
  const sequence = element('span', { class: 'quiet small' });
  const step = element('span', { class: 'small' });
  const bar = element('progress', { max: '1000' });
  const error = element('span', { class: 'error-text small' });
  const hint = element('span', { class: 'quiet small' });
  const rate = element('span', { class: 'small' });
  const left = element('span', { class: 'quiet small' });
  const body = element('div', { class: 'run-detail' });
  body.hidden = true;
  let run = null;
  let detail = null;
  const toggle = element(
    'button',
    {
      type: 'button',
      'aria-expanded': 'false',
      onclick: () => {
        const open = body.hidden;
        body.hidden = !open;
        toggle.setAttribute('aria-expanded', String(open));
        setText(toggle, open ? 'Close' : 'Details');
        if (open) {
          detail = runDetail(body, run.id, { call, fail });
          void detail.refresh(run);
        } else {
          detail?.close();
          detail = null;
        }
      },
    },
    'Details',
  );
  const row = element(
    'div',
    { class: 'row run' },
    element(
      'div',
      { class: 'run-head' },
      element('div', {}, pill),
      element('div', { class: 'stack' }, name, sequence),
      element('div', { class: 'stack' }, step, bar, error, hint),
      element('div', { class: 'stack numbers' }, rate, left),
      element('div', { class: 'actions' }, toggle),
    ),
    body,
  );
  return {
    element: row,
    update(next) {
      run = next;
      const [tone, word] = states[next.state];
      const lost = next.lostInWindowsSetup;
      if (lost === null) setPill(pill, tone, word);
      else setPill(pill, 'bad', 'lost');
      setText(name, next.deviceName);
      setText(sequence, next.sequenceName);
      showProgress(next);
      setText(error, errorText(next));
      setText(hint, next.error?.hint ?? lost?.hint ?? '');
      setAttribute(toggle, 'aria-label', `Details of the run on ${next.deviceName}`);
      void detail?.refresh(next);
    },
  };

  function showProgress(next) {
    const { progress } = next;
    const took = span((next.endedMs ?? next.lastEventMs) - next.startedMs);
    if (!isOpen(next)) {
      bar.hidden = true;
      setText(step, next.state === 'succeeded' ? 'All steps done' : '');
      setText(rate, `took ${took}`);
      setText(left, `ended ${clock(next.endedMs ?? next.lastEventMs)}`);
      return;
    }
    const done = fraction(progress);
    bar.hidden = next.lostInWindowsSetup !== null;
    if (done === undefined) bar.removeAttribute('value');
    else setAttribute(bar, 'value', Math.round(done * 1000));
    setAttribute(bar, 'aria-label', `Progress of ${next.deviceName}`);
    if (progress === null) {
      const doing = next.state === 'restarting' ? 'Restarting' : 'Starting';
      setText(step, next.lostInWindowsSetup === null ? doing : '');
    } else {
      const detailText = progress.detail === undefined ? '' : `: ${progress.detail}`;
      setText(step, `Step ${progress.index} of ${progress.total} · ${progress.title}${detailText}`);
    }
    setText(
      rate,
      progress?.bytesPerSecond === undefined
        ? `${took} so far`
        : `${bytes(progress.bytesPerSecond)}/s`,
    );
    setText(left, progress?.remainingMs === undefined ? '' : `${span(progress.remainingMs)} left`);
  }
}

function errorText({ error, lostInWindowsSetup: lost }) {
  if (error !== null) return `${error.message} (${error.code})`;
  return lost === null ? '' : `Lost in Windows Setup since ${clock(lost.sinceMs)}`;
}

/** How far the run is, steps counted alike and the running one by its bytes; undefined if nothing is known. */
function fraction(progress) {
  if (progress === null || progress.total === 0) return undefined;
  const within = progress.totalBytes ? (progress.doneBytes ?? 0) / progress.totalBytes : 0;
  return Math.min(1, (Math.max(0, progress.index - 1) + within) / progress.total);
}
