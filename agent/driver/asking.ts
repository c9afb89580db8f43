import { setTimeout as wait } from 'node:timers/promises';
import type { QueryCapability } from '../sequence/query-capability.ts';

/** As long as a flush takes on a slow disk: what is answered within it is not worth one. */
const PROMPT_MS = 20;

/**
 * The machine's answers. Asking changes nothing, but it may take long: `sync` is called once an answer
 * lets wait, so that a power cut then finds on the disk what was recorded before.
 */
export function asking(query: QueryCapability, sync: () => Promise<void>): QueryCapability {
  const { registry, software, wmi } = query;
  const promptly = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
    const answered = answer.then(
      () => true,
      () => true,
    );
    const late = wait(PROMPT_MS, false, { ref: false });
    if (!(await Promise.race([answered, late]))) await sync();
    return answer;
  };
  return {
    path: async (request, signal) => promptly(query.path(request, signal)),
    system: async (signal) => promptly(query.system(signal)),
    inventory: async (signal) => promptly(query.inventory(signal)),
    registry: registry && (async (request, signal) => promptly(registry(request, signal))),
    software: software && (async (signal) => promptly(software(signal))),
    wmi: wmi && (async (request, signal) => promptly(wmi(request, signal))),
  };
}
