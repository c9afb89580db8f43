import { constants, openSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import { renderPlain } from './plain.ts';
import { renderScreen } from './screen.ts';
import { SerialOutput } from './serial-output.ts';
import type { Header, View } from './view.ts';

/** One terminal: where to write, and whether it holds a screen or takes lines. */
export interface Terminal {
  readonly kind: 'screen' | 'lines';
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
  onInput(listener: (text: string) => void): void;
  close(): void;
}

const REDRAW_MS = 200;

/** Shows one view on all terminals, and hears what is typed on any of them. */
export class Terminals implements Disposable {
  readonly #terminals: readonly Terminal[];
  readonly #listeners = new Set<(text: string) => void>();
  /** Who alone is told what is typed, the last one first. */
  readonly #asking: ((text: string) => void)[] = [];
  #overlay: readonly string[] | undefined;
  #overlayTold: readonly string[] | undefined;
  #header: Header;
  #told: View | undefined;
  #view: View | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(terminals: readonly Terminal[], header: Header) {
    this.#terminals = terminals;
    this.#header = header;
    for (const terminal of terminals)
      terminal.onInput((text) => {
        const asking = this.#asking.at(-1);
        if (asking) asking(text);
        else for (const listener of this.#listeners) listener(text);
      });
  }

  get view(): View | undefined {
    return this.#view;
  }

  setHeader(header: Partial<Header>): void {
    this.#header = { ...this.#header, ...header };
    this.#schedule();
  }

  /** Screens are drawn at most five times a second; a new kind of view at once. */
  show(view: View): void {
    const isNew = view.kind !== this.#view?.kind;
    this.#view = view;
    if (isNew) this.#draw();
    else this.#schedule();
  }

  onInput(listener: (text: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Lines above all that is shown, until they are taken away: a question, what came of a key. */
  setOverlay(lines: readonly string[] | undefined): void {
    this.#overlay = lines;
    this.#draw();
  }

  /** What is typed goes to this alone, until it is disposed: a password chooses nothing in a menu. */
  takeInput(listener: (text: string) => void): Disposable {
    this.#asking.push(listener);
    return {
      [Symbol.dispose]: () => {
        const at = this.#asking.indexOf(listener);
        if (at !== -1) this.#asking.splice(at, 1);
      },
    };
  }

  [Symbol.dispose](): void {
    this.#draw();
    for (const terminal of this.#terminals) terminal.close();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#draw(), REDRAW_MS);
    this.#timer.unref();
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const view = this.#view;
    if (!view) return;
    const lines = view === this.#told ? [] : renderPlain(this.#header, this.#told, view);
    this.#told = view;
    const overlay = this.#overlay ?? [];
    const told = this.#overlayTold ?? [];
    const isNew = overlay.join('\n') !== told.join('\n');
    // A line is told when it is new; of a question that is being answered only what comes after it.
    if (isNew)
      lines.push(...overlay.filter((line) => !told.includes(line) && !/^\**_$/.test(line)));
    this.#overlayTold = overlay;
    for (const terminal of this.#terminals) {
      if (terminal.kind === 'screen')
        terminal.write(renderScreen(this.#header, view, terminal, overlay));
      else if (lines.length > 0) terminal.write(lines.map((line) => `${line}\r\n`).join(''));
    }
  }
}

/** Terminals by path: serial lines get lines, consoles a screen. A path that does not open is left out. */
export function openTerminals(paths: readonly string[]): Terminal[] {
  if (paths.length === 0) return [standardTerminal()];
  return paths.flatMap((path) => {
    try {
      return [openTerminal(path)];
    } catch {
      return [];
    }
  });
}

function openTerminal(path: string): Terminal {
  const input = new ReadStream(
    openSync(path, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK),
  );
  input.on('error', () => {});
  if (!/tty(S|AMA|USB)\d|hvc\d/.test(path))
    return terminal('screen', input, new WriteStream(openSync(path, 'r+')));
  const output = new SerialOutput(path);
  return {
    kind: 'lines',
    columns: 80,
    rows: 25,
    write: (text) => output.write(text),
    onInput: (listener) => listen(input, listener),
    close() {
      input.setRawMode(false);
      input.pause();
      output.close();
    },
  };
}

function listen(input: ReadStream, listener: (text: string) => void): void {
  input.setRawMode(true);
  input.on('data', (bytes: Buffer | string) => listener(bytes.toString()));
  input.unref();
}

function standardTerminal(): Terminal {
  const input = process.stdin.isTTY ? process.stdin : undefined;
  const { stdout } = process;
  if (stdout.isTTY) return terminal('screen', input, stdout);
  return {
    kind: 'lines',
    columns: 80,
    rows: 25,
    write: (text) => void stdout.write(text.replaceAll('\r\n', '\n')),
    onInput: () => {},
    close: () => {},
  };
}

function terminal(
  kind: Terminal['kind'],
  input: ReadStream | undefined,
  output: WriteStream,
): Terminal {
  // A terminal that goes away must not take the run with it.
  output.on('error', () => {});
  input?.on('error', () => {});
  return {
    kind,
    get columns() {
      return output.columns || 80;
    },
    get rows() {
      return output.rows || 25;
    },
    write: (text) => void output.write(text),
    onInput(listener) {
      if (input) listen(input, listener);
    },
    close() {
      input?.setRawMode(false);
      input?.pause();
    },
  };
}
