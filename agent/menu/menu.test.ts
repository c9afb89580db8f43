import { describe, expect, it } from 'vitest';
import { DeploymentId, SequenceId } from '../protocol/identity.ts';
import { StepId } from '../protocol/run-event.ts';
import { bigLetters } from './big-letters.ts';
import { choose, chooseOffer } from './choose.ts';
import { keepShowing } from './keep-showing.ts';
import { renderPlain } from './plain.ts';
import { plainFace, progressFace } from './progress-face.ts';
import { renderScreen } from './screen.ts';
import { type Terminal, Terminals } from './terminals.ts';
import { describeProgress, formatDuration, type View } from './view.ts';

const header = {
  server: '10.0.0.1:7443',
  address: '10.0.0.9',
  serialNumber: 'SN-1',
  model: 'Acme Box',
  deviceName: 'PC1',
};
const size = { columns: 80, rows: 25 };
const progress = {
  stepId: StepId.parse('0'),
  index: 2,
  total: 7,
  title: 'Apply',
  doneBytes: 1_500_000_000,
  totalBytes: 3_000_000_000,
  bytesPerSecond: 50_000_000,
  remainingMs: 30_000,
};
const running = {
  kind: 'running',
  sequence: 'Install',
  progress,
  waiting: undefined,
  face: plainFace,
} as const;
const failed = {
  kind: 'failed',
  what: 'Install',
  error: {
    code: 'disk.read-only',
    message: 'disk 0 is write-protected',
    hint: 'Look for a switch',
  },
  runId: '6a1f0b52',
} as const;
const visible = (text: string): string[] =>
  // eslint-disable-next-line no-control-regex -- the escape sequences are what is taken out
  text.replaceAll(/\u001B\[[0-9;]*[A-Za-z]/g, '').split('\r\n');

describe('what the person at the machine sees', () => {
  it('M54 shows who the machine is, where it is, and how far, with rate and time left', () => {
    const screen = visible(renderScreen(header, running, size)).join('\n');
    for (const part of ['10.0.0.1:7443', 'PC1', 'serial SN-1', 'Acme Box', 'Step 2 of 7: Apply'])
      expect(screen).toContain(part);
    expect(screen).toContain('50 %, 1.5 GB of 3.0 GB, 50.0 MB/s, 30 s left');
  });

  it('keeps a failure on one screen: code, cause, hint, run', () => {
    const screen = visible(renderScreen(header, failed, size));
    expect(screen.length).toBeLessThanOrEqual(25);
    const text = screen.join('\n');
    for (const part of ['disk 0 is write-protected', 'Do: Look for a switch', 'Run 6a1f0b52'])
      expect(text).toContain(part);
    for (const line of screen) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('draws letters five rows high and breaks a code at its dots', () => {
    expect(bigLetters('FAILED', 80)).toHaveLength(5);
    const rows = bigLetters('disk.read-only', 79);
    expect(rows).toHaveLength(11);
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(79);
  });

  it('tells a serial line each tenth of the way once', () => {
    const at = (doneBytes: number): View => ({ ...running, progress: { ...progress, doneBytes } });
    expect(renderPlain(header, undefined, at(0))).toContain('Step 2 of 7: Apply');
    expect(renderPlain(header, at(0), at(100_000_000))).toEqual([]);
    expect(renderPlain(header, at(200_000_000), at(310_000_000))).toHaveLength(1);
  });

  it('waits for a number: at once where it can mean no other, else with Enter', () => {
    expect(choose('', '3', 5)).toEqual({ typed: '', chosen: 2 });
    expect(choose('', '1', 12)).toEqual({ typed: '1' });
    expect(choose('1', '2', 12)).toEqual({ typed: '', chosen: 11 });
    expect(choose('1', '\r', 12)).toEqual({ typed: '', chosen: 0 });
    expect(choose('9', '\r', 5)).toEqual({ typed: '' });
    expect(choose('', 'x', 5)).toEqual({ typed: '' });
  });

  it('takes the choice from any terminal', async () => {
    const [one, two] = [fakeTerminal('screen'), fakeTerminal('lines')];
    using terminals = new Terminals([one, two], header);
    const offers = ['A', 'B'].map((name) => ({
      deploymentId: DeploymentId.parse(`MWL0000${name}`),
      sequenceId: SequenceId.parse('MWL00001'),
      name,
      description: '',
      purpose: 'available' as const,
    }));
    const chosen = chooseOffer(terminals, offers, { signal: new AbortController().signal });
    two.type('2');
    expect((await chosen)?.name).toBe('B');
    const { signal } = new AbortController();
    expect(await chooseOffer(terminals, offers, { signal, againMs: 1 })).toBeUndefined();
    expect(one.written.join('')).toContain('Which task sequence?');
    expect(two.written.join('')).toContain('  2  B');
  });

  it('writes durations and rates as people say them', () => {
    expect([500, 200_000, 7_260_000].map(formatDuration)).toEqual([
      '1 s',
      '3 min 20 s',
      '2 h 1 min',
    ]);
    expect(describeProgress({ ...progress, totalBytes: 0 })).toContain('1.5 GB of 0 B');
  });
});

describe('M11 variables that say what is shown', () => {
  const face = (values: Readonly<Record<string, string>>) =>
    progressFace({ value: (name) => values[name] });
  const shown = (view: View): string => visible(renderScreen(header, view, size)).join('\n');
  const title = { ...progress, title: 'Apply image', total: 10 };

  it.each([
    ['', 'Step 2 of 10: Apply image'],
    ['1', 'Step 2 of 10: Apply image'],
    ['2', 'Step 2 of 10 (20% complete): Apply image'],
    ['3', ' (20% complete) Apply image'],
    ['7', 'Step 2 of 10: Apply image'],
  ])('TSProgressInfoLevel %j: %s', (level, text) => {
    const view: View = { ...running, progress: title, face: face({ TSProgressInfoLevel: level }) };
    expect(shown(view)).toContain(text);
    expect(renderPlain(header, undefined, view).join('\n')).toContain(text.trim());
  });

  it('TSDisableProgressUI hides the progress until it is false again; what is waited for is told', () => {
    const hidden: View = { ...running, face: face({ TSDisableProgressUI: 'TRUE' }) };
    for (const part of ['Install', 'Step', 'GB']) expect(shown(hidden)).not.toContain(part);
    expect(renderPlain(header, running, hidden)).toEqual([]);
    const waiting = 'Restarting in 5 seconds';
    expect(shown({ ...hidden, waiting })).toContain(waiting);
    expect(renderPlain(header, hidden, { ...hidden, waiting })).toEqual([waiting]);
    expect(renderPlain(header, hidden, running)).toContain('Step 2 of 7: Apply');
  });

  it('a failure says when the machine restarts, and stays until then or until Enter', async () => {
    expect(shown({ ...failed, note: 'Restarts in 15 min 0 s. Enter: stay here' })).toContain(
      '15 min',
    );
    const terminal = fakeTerminal('screen');
    using terminals = new Terminals([terminal], header);
    await expect(keepShowing(terminals, 1)).resolves.toBe('over');
    const kept = keepShowing(terminals, 1_000_000_000_000);
    terminal.type('x');
    terminal.type('\r');
    await expect(kept).resolves.toBe('pressed');
    const forEver = keepShowing(terminals);
    terminal.type('\n');
    await expect(forEver).resolves.toBe('pressed');
  });
});

function fakeTerminal(kind: Terminal['kind']) {
  let listener: (text: string) => void = () => {};
  const written: string[] = [];
  return {
    kind,
    ...size,
    written,
    write: (text: string) => void written.push(text),
    onInput: (heard: (text: string) => void) => {
      listener = heard;
    },
    close() {},
    type: (text: string) => listener(text),
  };
}
