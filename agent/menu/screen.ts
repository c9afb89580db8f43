import { bigLetters } from './big-letters.ts';
import { describePosition } from './progress-face.ts';
import { describeProgress, type Header, percentOf, type View } from './view.ts';

const RESET = '\u001B[0m';
const RED = '\u001B[41;97m';
const BLUE = '\u001B[44;97m';
const INVERSE = '\u001B[7m';
const HOME_AND_CLEAR = '\u001B[H\u001B[2J';

/** The whole screen of a terminal: what to write so that it shows the view. Pure. */
export function renderScreen(
  header: Header,
  view: View,
  size: { readonly columns: number; readonly rows: number },
  overlay: readonly string[] = [],
): string {
  const { columns, rows } = size;
  const colour = view.kind === 'failed' ? RED : BLUE;
  const bar = ` Metalwright   server ${header.server}`;
  const lines = [
    `${colour}${bar.slice(0, columns).padEnd(columns)}${RESET}`,
    ...headerLines(header).map((line) => ` ${line}`),
    '',
    ...overlay.flatMap((line) => wrap(line, columns).map((part) => `${INVERSE}${part}${RESET}`)),
    ...(overlay.length === 0 ? [] : ['']),
    ...body(view, columns),
  ];
  return HOME_AND_CLEAR + lines.slice(0, rows - 1).join('\r\n');
}

/** Name, serial number, make and model, address: what one looks for in the console. */
export function headerLines({ deviceName, serialNumber, model, address }: Header): string[] {
  const parts = [
    deviceName === '' ? undefined : deviceName,
    serialNumber === '' ? undefined : `serial ${serialNumber}`,
    model === '' ? undefined : model,
    address === '' ? undefined : address,
  ];
  return [parts.filter((part) => part !== undefined).join('   ')];
}

function body(view: View, columns: number): string[] {
  switch (view.kind) {
    case 'starting':
      return [` ${view.text}`];
    case 'waiting':
      return [
        ...paint(bigLetters('WAITING', columns - 2)),
        '',
        ...wrap(view.reason, columns),
        '',
        ` ${view.code}`,
      ];
    case 'menu':
      return [
        ' Which task sequence?',
        '',
        ...view.offers.flatMap(({ name, description }, index) => [
          `  ${String(index + 1).padStart(2)}  ${name}`.slice(0, columns),
          ...(description === '' ? [] : [`      ${description}`.slice(0, columns)]),
        ]),
        '',
        ` Number: ${view.typed}_`,
      ];
    case 'running':
      return running(view, columns);
    case 'failed':
      return [
        ...paint(bigLetters('FAILED', columns - 2), RED),
        // In the gap: the lines below it may go beyond the screen.
        view.note === undefined ? '' : ` ${view.note}`.slice(0, columns),
        ...paint(bigLetters(view.error.code, columns - 2), RED),
        '',
        ...wrap(`${view.what}: ${view.error.message}`, columns),
        ...(view.error.hint === undefined ? [] : wrap(`Do: ${view.error.hint}`, columns)),
        ...(view.runId === '' ? [] : [` Run ${view.runId}`]),
      ];
    case 'done':
      break;
  }
  return [
    ...paint(bigLetters('DONE', columns - 2)),
    '',
    ...wrap(view.text, columns),
    ` Run ${view.runId}`,
  ];
}

function running(view: View & { kind: 'running' }, columns: number): string[] {
  const { progress, sequence, waiting, face } = view;
  const lines = face.hidden ? [] : [` ${sequence}`, ''];
  if (progress && !face.hidden) {
    const percent = percentOf(progress);
    lines.push(` ${describePosition(progress, face)}`.slice(0, columns), '');
    if (percent !== undefined) {
      const width = columns - 4;
      const done = Math.floor((width * percent) / 100);
      lines.push(`  ${INVERSE}${' '.repeat(done)}${RESET}${'.'.repeat(width - done)}`, '');
    }
    lines.push(...wrap(describeProgress(progress), columns));
  }
  if (waiting !== undefined) lines.push('', ...wrap(waiting, columns));
  return lines;
}

/** Blocks of reversed blanks: in every terminal's character set. */
function paint(rows: readonly string[], colour = INVERSE): string[] {
  const block = colour === RED ? '\u001B[101m' : INVERSE;
  return rows.map(
    (row) => ` ${row.replaceAll(/#+/g, (run) => `${block}${' '.repeat(run.length)}${RESET}`)}`,
  );
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + word.length + 2 > columns) {
      lines.push(` ${line}`);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, ` ${line}`];
}
