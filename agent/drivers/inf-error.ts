/** An INF file that cannot be read. `code` is stable and dotted; `line` counts from 1, null where it is the whole file. */
export class InfError extends Error {
  readonly code: string;
  readonly line: number | null;
  constructor(code: string, message: string, line: number | null = null) {
    super(line === null ? message : `${message}, line ${line}`);
    this.name = 'InfError';
    this.code = code;
    this.line = line;
  }
}
