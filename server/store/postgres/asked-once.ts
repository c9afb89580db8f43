import type { QueryResult } from 'pg';
import type { Query } from './dialect.ts';

/**
 * Asks the same question once: within a transaction that sees one moment and changes nothing, it has one
 * answer. Operations that run together ask for the site's settings, deployments and rules each by itself.
 */
export function askedOnce(query: Query): Query {
  const asked = new Map<string, Map<string, Promise<QueryResult>>>();
  return async (text, parameters) => {
    const key = keyOf(parameters);
    if (key === undefined) return await query(text, parameters);
    const answers = asked.get(text) ?? new Map<string, Promise<QueryResult>>();
    asked.set(text, answers);
    const before = answers.get(key);
    const answer = before ?? query(text, parameters);
    if (before === undefined) answers.set(key, answer);
    const result = await answer;
    // Whoever asked may sort its rows, or take some away.
    return { ...result, rows: [...result.rows] };
  };
}

/** Undefined where JSON would not tell values apart: bytes, large numbers. */
function keyOf(parameters: readonly unknown[]): string | undefined {
  const isPlain = parameters.every(
    (value) => value === null || typeof value === 'string' || Number.isSafeInteger(value),
  );
  return isPlain ? JSON.stringify(parameters) : undefined;
}
