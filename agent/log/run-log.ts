import { Writable } from 'node:stream';
import { createLogger, format, type Logger, transports } from 'winston';
import { maskSecrets, secretTexts } from '../sequence/mask-secrets.ts';
import { formatCmtrace, type LogLine } from './cmtrace.ts';
import { LogFiles, type LogSlice } from './log-files.ts';

/**
 * The log of this start of the agent: files in CMTrace form, which the uploader reads. Secrets are taken out
 * here, at the writer, whoever logs them.
 */
export class RunLog {
  readonly #files: LogFiles;
  readonly #now: () => number;
  readonly #logger: Logger;
  #secrets: readonly string[] = [];
  #find: (text: string) => Iterable<string> = () => [];
  #closed = false;

  /** @param now the server's time in milliseconds; @param options `append`: behind what is there */
  constructor(path: string, now: () => number, options: { readonly append?: boolean } = {}) {
    this.#files = new LogFiles(path, { append: options.append ?? false });
    this.#now = now;
    const lines = format.printf((info) => {
      const level = info.level === 'warn' || info.level === 'error' ? info.level : 'info';
      const component = String(info['component']);
      return formatCmtrace({
        level,
        component,
        message: String(info.message),
        atMs: Number(info['atMs']),
      });
    });
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        try {
          this.#files.write(String(chunk));
        } catch {
          // A full disk must not end the run: its log is on the server too.
        }
        done();
      },
    });
    this.#logger = createLogger({ format: lines, transports: [new transports.Stream({ stream })] });
  }

  get path(): string {
    return this.#files.path;
  }

  /** What `_SMSTSLogPath` says. */
  get folder(): string {
    return this.#files.folder;
  }

  get copied(): boolean {
    return this.#files.copied;
  }

  /** Of the log of this start. */
  read(offset: number, length: number): LogSlice {
    return this.#files.read(offset, length);
  }

  /** From now on it lies in that folder too. Throws what fails. */
  copyTo(folder: string): void {
    this.#files.copyTo(folder);
  }

  /** Writes it into a folder as it is now. Throws what fails. */
  export(folder: string): readonly string[] {
    return this.#files.export(folder);
  }

  /** Values that no line may show from now on, beside those of before. */
  hide(values: readonly string[]): void {
    this.#secrets = [...new Set([...this.#secrets, ...secretTexts(values)])];
  }

  /** Finds in a line what is hidden beside that: values that are not known before they are met. */
  hideFound(find: (text: string) => Iterable<string>): void {
    this.#find = find;
  }

  write(level: LogLine['level'], message: string, component = 'Agent'): void {
    if (this.#closed) return;
    const text = maskSecrets(message, [...this.#secrets, ...this.#find(message)]);
    // One object: with further arguments, winston takes `%s` in a text for a place to fill, and drops them.
    this.#logger.log({ level, message: text, component, atMs: this.#now() });
  }

  /** Writes out what is left; what is logged afterwards is dropped. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const finished = new Promise<void>((resolve) => this.#logger.once('finish', () => resolve()));
    this.#logger.end();
    await finished;
  }
}
