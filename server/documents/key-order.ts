/** Keys of a document, a group and a step, in the order in which people read them. */
const order = [
  '$schema',
  'name',
  'group',
  'step',
  'type',
  'description',
  'platform',
  'bootImage',
  'maxRunMinutes',
  'disabled',
  'continueOnError',
  'retryIfInterrupted',
  'condition',
  'options',
  'params',
];
/** What is long, or of interest to few, comes last; the steps of a group after what is said of itself. */
const last = ['origin', 'child', 'steps'];

/** A task sequence document with the keys of its nodes in their usual order; params keep theirs. */
export function orderDocument(document: unknown): unknown {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return document;
  const entries = Object.entries(document).map(([key, value]): [string, unknown] => [
    key,
    key === 'steps' && Array.isArray(value) ? value.map(orderDocument) : value,
  ]);
  return Object.fromEntries(entries.sort(([one], [other]) => rankOf(one) - rankOf(other)));
}

function rankOf(key: string): number {
  const at = last.indexOf(key);
  if (at >= 0) return order.length + 1 + at;
  const found = order.indexOf(key);
  return found >= 0 ? found : order.length;
}
