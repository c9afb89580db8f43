import { element, setText } from './dom.js';
import { bytes, clock, span } from './format.js';

const AT_MOST_EVERY_MS = 1000;
const LOG_TAIL_CHARACTERS = 64 * 1024;

/**
 * The inside of an opened run: its history and the tail of its log. Fetches again only when the run has
 * news, one request at a time.
 */
export function runDetail(root, runId, { call, fail }) {
  const history = element('ol', {
    class: 'history small',
    tabindex: '0',
    'aria-label': 'Step history',
  });
  const log = element('pre', { class: 'log', tabindex: '0', 'aria-label': 'End of the log' });
  const bundle = element(
    'a',
    { class: 'small', href: `/api/v1/runs/${runId}/bundle`, download: '' },
    'All of it as a ZIP file',
  );
  root.replaceChildren(
    element('section', {}, element('h3', {}, 'Steps'), history),
    element('section', {}, element('h3', {}, 'Log'), log, element('p', {}, bundle)),
  );
  setText(log, 'reading…');
  let shown = '';
  let busy = false;
  let closed = false;
  let latest = null;
  let offset = 0;
  let text = '';

  /** Goes on reading where the last time ended; only the end of it is kept. */
  async function readLog() {
    for (;;) {
      const slice = await call('GET', `/runs/${runId}/log?offset=${offset}`);
      text = (text + slice.text).slice(-LOG_TAIL_CHARACTERS);
      if (slice.next === offset) return;
      offset = slice.next;
    }
  }

  async function refresh(run) {
    latest = run;
    const news = `${run.have} ${run.state} ${run.lastEventMs}`;
    if (busy || closed || news === shown) return;
    busy = true;
    try {
      const [detail] = await Promise.all([call('GET', `/runs/${runId}`), readLog()]);
      if (closed) return;
      history.replaceChildren(...historyLines(detail.events));
      showLog(log, text);
      shown = news;
    } catch (error) {
      fail(error);
      shown = news;
    }
    setTimeout(() => {
      busy = false;
      if (latest !== run) void refresh(latest);
    }, AT_MOST_EVERY_MS);
  }
  return {
    refresh,
    close() {
      closed = true;
    },
  };
}

function historyLines(events) {
  const lines = [];
  for (const { atMs, fact } of events) {
    const line = describe(fact);
    if (line === null) continue;
    lines.push(
      element(
        'li',
        {},
        element('span', { class: 'quiet' }, clock(atMs)),
        element('span', { class: line.tone, 'aria-hidden': 'true' }, line.mark),
        element('span', { class: line.tone === 'bad' ? 'bad' : '' }, line.text),
      ),
    );
  }
  if (lines.length === 0) lines.push(element('li', {}, 'nothing has happened yet'));
  return lines;
}

/** Codes above 65535 are HRESULTs and are read in hexadecimal. */
function exitCode(code) {
  return code > 0xffff ? `0x${code.toString(16).toUpperCase()}` : `code ${code}`;
}

function describe(fact) {
  const reason = fact.error === undefined ? '' : `: ${fact.error.message} (${fact.error.code})`;
  switch (fact.kind) {
    case 'run-started':
      return { mark: '▸', tone: '', text: `Run started in ${fact.environment}` };
    case 'step-started':
      return {
        mark: '▸',
        tone: '',
        text: `${fact.name} started${fact.attempt > 1 ? `, attempt ${fact.attempt}` : ''}`,
      };
    case 'step-finished':
      return fact.succeeded
        ? { mark: '✓', tone: 'good', text: `${fact.name} succeeded after ${span(fact.durationMs)}` }
        : {
            mark: '✕',
            tone: 'bad',
            text: `${fact.name} failed with ${exitCode(fact.code)}${reason}`,
          };
    case 'step-skipped':
      return { mark: '–', tone: 'quiet', text: `${fact.name} skipped (${fact.reason})` };
    case 'step-interrupted':
      return {
        mark: '!',
        tone: 'bad',
        text: `${fact.name} was interrupted, ${fact.again ? 'is run again' : 'may not run twice'}`,
      };
    case 'disk-chosen': {
      const { number, model, serial, sizeBytes } = fact.disk;
      const text = `${fact.name} erases disk ${number}: ${model || 'no model name'}, ${serial === '' ? 'no serial' : `serial ${serial}`}, ${bytes(sizeBytes)}`;
      return { mark: '▸', tone: '', text };
    }
    case 'group-entered':
      return { mark: '▾', tone: 'quiet', text: `Group ${fact.name}` };
    case 'group-left':
      return fact.succeeded ? null : { mark: '✕', tone: 'bad', text: `Group ${fact.name} failed` };
    case 'restart-requested':
      return {
        mark: '↻',
        tone: '',
        text: `Restart, next from ${fact.next === 'pe' ? 'the network' : 'the disk'}`,
      };
    case 'restart-refused':
      return { mark: '✕', tone: 'bad', text: `Restart refused${reason}` };
    case 'resumed':
      return { mark: '▸', tone: '', text: `Resumed in ${fact.environment}` };
    case 'run-finished':
      return fact.succeeded
        ? { mark: '✓', tone: 'good', text: 'Run succeeded' }
        : { mark: '✕', tone: 'bad', text: `Run failed${reason}` };
    default:
      return null;
  }
}

const entry =
  /<!\[LOG\[([\s\S]*?)\]LOG\]!><time="(\d{2}:\d{2}:\d{2})[^"]*"[^>]*?component="([^"]*)"[^>]*?type="(\d)"[^>]*>/g;
const severities = { 2: 'warning', 3: 'error' };

/** Shows CMTrace text as lines, keeping at the end a reader who is at the end. */
function showLog(log, text) {
  const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
  const lines = [];
  let end = 0;
  for (const match of text.matchAll(entry)) {
    const plain = text.slice(end, match.index).trim();
    // What comes before the first whole entry is the cut end of one: the log is shown by its tail.
    if (plain !== '' && end > 0) lines.push(element('span', {}, `${plain}\n`));
    const [whole, message, time, component, type] = match;
    lines.push(
      element('span', { class: severities[type] ?? '' }, `${time}  ${component}  ${message}\n`),
    );
    end = match.index + whole.length;
  }
  const rest = text.slice(end).trim();
  if (rest !== '' && !rest.startsWith('<![LOG[')) lines.push(element('span', {}, `${rest}\n`));
  if (lines.length === 0) lines.push('no log has come from the machine yet');
  log.replaceChildren(...lines);
  if (atEnd) log.scrollTop = log.scrollHeight;
}
