import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { steps } from './index.ts';

const Schema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
});

/** Places of settings that are a reference to content, as `referenceParams` writes them: `packages[].package`. */
function referencePlaces(json: unknown, place = ''): string[] {
  const { success, data } = Schema.safeParse(json);
  if (!success) return [];
  const { properties = {}, items, anyOf = [], oneOf = [], allOf = [] } = data;
  if (Object.keys(properties).sort().join() === 'id,name') return [place];
  return [
    ...Object.entries(properties).flatMap(([name, field]) =>
      referencePlaces(field, place === '' ? name : `${place}.${name}`),
    ),
    ...(items === undefined ? [] : referencePlaces(items, `${place}[]`)),
    ...[...anyOf, ...oneOf, ...allOf].flatMap((each) => referencePlaces(each, place)),
  ];
}

describe('M19 a task sequence holds no files', () => {
  // What Run Task Sequence names is no content: it comes in the document itself.
  it.each(Object.values(steps).filter(({ type }) => type !== 'run-sequence'))(
    '$type: what it needs of content is a reference, each one resolved before the run',
    (definition) => {
      const schema = z.toJSONSchema(definition.params, { io: 'input' });
      const places = [...new Set(referencePlaces(schema))].sort();
      expect(places).toEqual(Object.keys(definition.referenceParams ?? {}).sort());
      expect(JSON.stringify(schema)).not.toMatch(/contentEncoding|"format":"(binary|byte)"/);
    },
  );
});
