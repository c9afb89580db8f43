/** Does work on each item, so many at once. When one fails, none is begun any more, and it is thrown when the others have ended. */
export async function inParallel<Item>(
  items: Iterable<Item>,
  jobs: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  const queue = items[Symbol.iterator]();
  const worker = async () => {
    while (failures.length === 0) {
      const next = queue.next();
      if (next.done === true) return;
      await work(next.value).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  if (failures.length > 0) throw failures[0];
}
