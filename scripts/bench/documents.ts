import type { Benchmark } from './benchmark.ts';
import { benchSamples } from './documents/samples.ts';
import { benchValidation } from './documents/validation.ts';

/** Documents: a large one validated, read and rewritten; the samples imported. */
export const documents: Benchmark = {
  name: 'documents',
  title: 'a task sequence of 2 MB beside ajv and js-yaml, the samples beside fast-xml-parser',
  run: async () => [...(await benchValidation()), ...(await benchSamples())],
};
