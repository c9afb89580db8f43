import { isDeepStrictEqual } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { load } from 'js-yaml';
import { formatTaskSequence } from '#agent/sequence/format.ts';
import { taskSequenceJsonSchema } from '#agent/sequence/json-schema.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { SequenceError } from '#agent/sequence/sequence-error.ts';
import type { TaskSequence } from '#agent/sequence/task-sequence.ts';
import { steps } from '#agent/steps/index.ts';
import { formatDocumentText } from '#server/documents/format-text.ts';
import { rewriteDocumentText } from '#server/documents/rewrite.ts';
import { readSequenceText } from '#server/sequence-text.ts';
import { below, checked, type Figure, told } from '../benchmark.ts';
import { interleaved } from '../medians.ts';
import { largeDocument } from './large-document.ts';

const BYTES = 2 * 1024 * 1024;
const LIMIT_MS = 300;
const ROUNDS = 5;

/**
 * Validates a document of 2 MB: as a value, beside ajv with the JSON Schema that is made of the same
 * steps; and as a text, beside js-yaml, which reads and does not validate.
 */
export async function benchValidation(): Promise<readonly Figure[]> {
  const { document, stepCount } = largeDocument(BYTES);
  const json = JSON.stringify(document);
  const yaml = formatDocumentText(document, { format: 'yaml' });
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(taskSequenceJsonSchema(steps));
  let sequence: TaskSequence | undefined;
  let values: readonly unknown[] = [];
  let isValid = false;
  const timed = async (run: () => void): Promise<number> => {
    const start = performance.now();
    run();
    return performance.now() - start;
  };
  const times = await interleaved(
    {
      value: () => timed(() => void (sequence = parseTaskSequence(document, steps))),
      ajv: () => timed(() => void (isValid = validate(document))),
      json: () => timed(() => void (values = [readSequenceText(json, steps).document])),
      yaml: () => timed(() => void (values = [...values, readSequenceText(yaml, steps).document])),
      jsYaml: () => timed(() => void (values = [...values, load(yaml)])),
    },
    ROUNDS,
  );
  const ms = (name: 'value' | 'ajv' | 'json' | 'yaml' | 'jsYaml') =>
    times.get(name)?.medianMs ?? NaN;
  const start = performance.now();
  const rewritten = rewriteDocumentText(yaml, { ...document, description: 'Rewritten' });
  const rewriteMs = performance.now() - start;
  const written = sequence === undefined ? undefined : formatTaskSequence(sequence);
  const size = `${(json.length / 1024 ** 2).toFixed(1)} MB of JSON, ${(yaml.length / 1024 ** 2).toFixed(1)} MB of YAML`;
  return [
    below(
      `validate ${stepCount} steps (${size}), median of ${ROUNDS}`,
      ms('value'),
      LIMIT_MS,
      'ms',
    ),
    told('  processor time of it, median', times.get('value')?.processorMs ?? NaN, 'ms'),
    told('  ajv with the JSON Schema of the same steps, in turn', ms('ajv'), 'ms'),
    told('  ajv / ours', ms('ajv') / ms('value'), 'times'),
    below('  the same from a text of JSON, read and validated', ms('json'), LIMIT_MS, 'ms'),
    told('  processor time of it, median', times.get('json')?.processorMs ?? NaN, 'ms'),
    told('  the same from a text of YAML, read and validated', ms('yaml'), 'ms'),
    told('  processor time of it, median', times.get('yaml')?.processorMs ?? NaN, 'ms'),
    told('  js-yaml, the same text, reading alone', ms('jsYaml'), 'ms'),
    told('  js-yaml / ours', ms('jsYaml') / ms('yaml'), 'times'),
    told('  one field more in that text, all else kept', rewriteMs, 'ms'),
    checked(
      '  what was read',
      sequence?.stepCount === stepCount && isValid && isSame(written, document),
      `${sequence?.stepCount} steps, written again as they were; ajv takes them ${isValid ? 'too' : 'NOT'}`,
    ),
    checked(
      '  values of JSON, YAML and js-yaml',
      values.length === 3 && values.every((value) => isDeepStrictEqual(value, document)),
      `${values.filter((value) => isDeepStrictEqual(value, document)).length} of ${values.length} equal`,
    ),
    checked(
      '  the text with one field more',
      rewritten === yaml.replace('name: Large\n', 'name: Large\ndescription: Rewritten\n'),
      'one line more, no other changed',
    ),
    ...faults(document, validate),
  ];
}

/** What is default is left out when it is written again. */
function isSame(written: unknown, document: object): boolean {
  const plain: unknown = JSON.parse(
    JSON.stringify(document, (key, value: unknown) =>
      key === 'continueOnError' && value === false ? undefined : value,
    ),
  );
  return isDeepStrictEqual(JSON.parse(JSON.stringify(written)), plain);
}

/** One fault at the end of the document is found by both, and ours names its place. */
function faults(
  document: { readonly steps: readonly object[] },
  validate: (value: unknown) => boolean,
): readonly Figure[] {
  const step = { step: 'Wrong', type: 'restart', params: { target: 'moon' } };
  const wrong = { ...document, steps: [...document.steps, step] };
  const place = `steps[${document.steps.length}].params.target`;
  let found = '';
  try {
    parseTaskSequence(wrong, steps);
  } catch (error) {
    if (!(error instanceof SequenceError)) throw error;
    found = error.problems.map(({ path }) => path).join();
  }
  return [
    checked(
      '  one fault at its end',
      found === place && !validate(wrong),
      `${found}; ajv refuses it too`,
    ),
  ];
}
