import { createLogger, format, type Logger, transports } from 'winston';

/** Fields whose values are never written, wherever they are logged. */
const secretFields = /token|authorization|cookie|password|secret|dpop/i;

/** The server's log: constant messages with fields, one JSON line each on stderr. */
export function createLog(level: 'error' | 'warn' | 'info' | 'debug'): Logger {
  return createLogger({
    level,
    format: format.combine(
      format((entry) => {
        for (const name of Object.keys(entry)) {
          const value = entry[name];
          if (secretFields.test(name)) entry[name] = '(hidden)';
          else if (value instanceof Error)
            entry[name] = { message: value.message, stack: value.stack };
        }
        return entry;
      })(),
      format.timestamp(),
      format.json(),
    ),
    transports: [new transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'] })],
  });
}

type LogFields = Readonly<Record<string, unknown>>;
type LogMethod = (first: unknown, message?: string) => void;

/** What fastify wants of a logger: pino's argument order, fields first. */
export interface FastifyLog {
  level: string;
  readonly fatal: LogMethod;
  readonly error: LogMethod;
  readonly warn: LogMethod;
  readonly info: LogMethod;
  readonly debug: LogMethod;
  readonly trace: LogMethod;
  readonly silent: LogMethod;
  child(bindings: LogFields): FastifyLog;
}

/** Gives fastify the server's log. */
export function fastifyLog(log: Logger): FastifyLog {
  const at =
    (level: 'error' | 'warn' | 'info' | 'debug'): LogMethod =>
    (first, message) => {
      if (typeof first === 'string') log.log(level, first);
      else log.log(level, message ?? 'fastify', first);
    };
  const made: FastifyLog = {
    level: log.level,
    fatal: at('error'),
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    trace: () => {},
    silent: () => {},
    child: () => made,
  };
  return made;
}
