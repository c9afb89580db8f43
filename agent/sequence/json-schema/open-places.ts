import { VARIABLE_MARK } from '../variables.ts';
import { type JsonSchema, mapInner } from './map-inner.ts';

/** A text with a `%Name%` in it, as `$defs/variable` of the document's schema. */
export const variableText: JsonSchema = {
  title: '%Variable%',
  description: 'What it is cannot be known before the step is come to.',
  type: 'string',
  pattern: VARIABLE_MARK.source,
};
const VARIABLE: JsonSchema = { $ref: '#/$defs/variable' };

/** The schema of params where any value may be a text with a `%Name%`, as reading a document lets pass. */
export function openPlaces(schema: JsonSchema): JsonSchema {
  return mapInner(schema, { place: (inner) => opened(openPlaces(inner)), part: openPlaces });
}

/** Keywords that tell people something and decide nothing. */
const told = ['title', 'description', 'default', 'writeOnly', 'examples', 'deprecated'];

function opened(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema);
  const said = Object.fromEntries(entries.filter(([key]) => told.includes(key)));
  const asked = entries.filter(([key]) => !told.includes(key));
  if (asked.length === 0 || (asked.length === 1 && schema.type === 'string')) return schema;
  const { anyOf } = schema;
  return asked.length === 1 && anyOf !== undefined
    ? { ...said, anyOf: [...anyOf, VARIABLE] }
    : { ...said, anyOf: [Object.fromEntries(asked), VARIABLE] };
}
