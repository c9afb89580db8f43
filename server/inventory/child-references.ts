import { RUN_SEQUENCE, SequenceReference } from '#agent/sequence/child-sequence.ts';

/**
 * The task sequences that the enabled Run Task Sequence steps of a document run, each as often as it is
 * named. The document need not be a sequence: what is none has no children.
 */
export function childReferences(document: unknown): SequenceReference[] {
  const found: SequenceReference[] = [];
  const walk = (value: unknown): void => {
    if (!isObject(value) || !Array.isArray(value['steps'])) return;
    for (const node of value['steps']) {
      if (!isObject(node) || node['disabled'] === true) continue;
      if ('group' in node) walk(node);
      else if (node['type'] === RUN_SEQUENCE && isObject(node['params'])) {
        const reference = SequenceReference.safeParse(node['params']['sequence']);
        if (reference.success) found.push(reference.data);
      }
    }
  };
  walk(document);
  return found;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
