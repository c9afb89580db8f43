import type { QueryCapability } from '../sequence/platform.ts';

/** The machine's answers, with `before` done before each is asked for. */
export function asking(query: QueryCapability, before: () => Promise<void>): QueryCapability {
  const { registry, software, wmi } = query;
  return {
    path: async (request, signal) => before().then(async () => query.path(request, signal)),
    system: async (signal) => before().then(async () => query.system(signal)),
    inventory: async (signal) => before().then(async () => query.inventory(signal)),
    registry:
      registry && (async (request, signal) => before().then(async () => registry(request, signal))),
    software: software && (async (signal) => before().then(async () => software(signal))),
    wmi: wmi && (async (request, signal) => before().then(async () => wmi(request, signal))),
  };
}
