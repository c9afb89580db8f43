/** One message of the log. */
export interface LogLine {
  readonly message: string;
  readonly component: string;
  readonly level: 'info' | 'warn' | 'error';
  /** The server's time, milliseconds since 1970. */
  readonly atMs: number;
}

const TYPES = { info: 1, warn: 2, error: 3 } as const;

/**
 * A line as CMTrace reads it: `<![LOG[text]LOG]!><time="hh:mm:ss.mmm+000" date="mm-dd-yyyy" …>`. Times
 * are UTC. What would end the text early is broken up.
 */
export function formatCmtrace({ message, component, level, atMs }: LogLine): string {
  const [date = '', time = ''] = new Date(atMs).toISOString().split('T');
  const [year, month, day] = date.split('-');
  const text = message.replaceAll(']LOG]!>', '] LOG]!>').replaceAll(/\r?\n/g, '\n');
  const attributes = [
    `time="${time.slice(0, 12)}+000"`,
    `date="${month}-${day}-${year}"`,
    `component="${component.replaceAll('"', "'")}"`,
    'context=""',
    `type="${TYPES[level]}"`,
    `thread="${process.pid}"`,
    'file=""',
  ];
  return `<![LOG[${text}]LOG]!><${attributes.join(' ')}>`;
}
