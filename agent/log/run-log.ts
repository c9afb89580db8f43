import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createLogger, format, type Logger, transports } from 'winston';
import { maskSecrets, secretTexts } from '../sequence/mask-secrets.ts';
import { formatCmtrace, type LogLine } from './cmtrace.ts';

/**
 * The log of this start of the agent: a file in CMTrace form, which the uploader reads. Secrets are
 * taken out here, at the writer, whoever logs them.
 */
export class RunLog {
  readonly path: string;
  readonly #now: () => number;
  readonly #logger: Logger;
  #secrets: readonly string[] = [];
  #closed = false;

  /** @param now the server's time in milliseconds */
  constructor(path: string, now: () => number) {
    this.path = path;
    this.#now = now;
    mkdirSync(dirname(path), { recursive: true });
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
    this.#logger = createLogger({
      format: lines,
      transports: [new transports.File({ filename: path, options: { flags: 'w' } })],
    });
  }

  /** Values that no line may show. */
  hide(values: readonly string[]): void {
    this.#secrets = secretTexts(values);
  }

  write(level: LogLine['level'], message: string, component = 'Agent'): void {
    if (this.#closed) return;
    const text = maskSecrets(message, this.#secrets);
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
