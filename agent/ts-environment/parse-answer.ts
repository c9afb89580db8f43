import type { ListedVariable, TsAnswer } from './messages.ts';
import { TsError } from './ts-error.ts';

/** Reads an answer, by hand: a schema library would cost more time than all else. @throws {TsError} `ts.answer` */
export function parseAnswer(line: string): TsAnswer {
  const answer = answerOf(objectOf(line));
  if (answer === undefined)
    throw new TsError('ts.answer', 'The agent answered in another language', 'Report it.');
  return answer;
}

function answerOf(read: Readonly<Record<string, unknown>>): TsAnswer | undefined {
  const { kind, value, secret, variables, code, message, hint } = read;
  switch (kind) {
    case 'not-set':
    case 'done':
      return { kind };
    case 'variable':
      if (typeof value !== 'string' || typeof secret !== 'boolean') return undefined;
      return { kind, value, secret };
    case 'list': {
      const listed = Array.isArray(variables) ? variables.map(listedOf) : [undefined];
      const known = listed.filter((variable) => variable !== undefined);
      return known.length === listed.length ? { kind, variables: known } : undefined;
    }
    case 'error':
      if (typeof code !== 'string' || typeof message !== 'string') return undefined;
      return { kind, code, message, ...(typeof hint === 'string' ? { hint } : {}) };
    default:
      return undefined;
  }
}

function listedOf(item: unknown): ListedVariable | undefined {
  const { name, secret, value } = fieldsOf(item);
  if (typeof name !== 'string' || typeof secret !== 'boolean') return undefined;
  return { name, secret, ...(typeof value === 'string' ? { value } : {}) };
}

function objectOf(line: string): Readonly<Record<string, unknown>> {
  try {
    return fieldsOf(JSON.parse(line));
  } catch {
    return {};
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
