/**
 * Waits for all, and then throws what the first of them that failed has thrown. Unlike `Promise.all` it
 * leaves none behind that goes on: what is undone by a savepoint must not be written after it.
 *
 * PostgreSQL is sent statements that were begun together without waiting for one in between, in the order in
 * which they were begun; SQLite runs them one after the other.
 */
export async function allDone<const Values extends readonly unknown[]>(
  begun: Values,
): Promise<{ -readonly [Place in keyof Values]: Awaited<Values[Place]> }> {
  await Promise.allSettled(begun);
  return await Promise.all(begun);
}
