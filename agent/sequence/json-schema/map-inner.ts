import type { z } from 'zod';

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

type Change = (schema: JsonSchema) => JsonSchema;

/**
 * A schema with those inside it changed: `place` is of a value inside its value (a property, an item),
 * `part` says more of the same value (an alternative), or is referred to.
 */
export function mapInner(schema: JsonSchema, change: { place: Change; part: Change }): JsonSchema {
  const { place, part } = change;
  const { properties, items, additionalProperties, prefixItems, $defs, anyOf, oneOf, allOf } =
    schema;
  return {
    ...schema,
    ...(properties === undefined ? {} : { properties: mapValues(properties, place) }),
    ...(items === undefined || Array.isArray(items) ? {} : { items: mapOne(items, place) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: mapOne(additionalProperties, place) }),
    ...(prefixItems === undefined
      ? {}
      : { prefixItems: prefixItems.map((each) => mapOne(each, place)) }),
    ...($defs === undefined ? {} : { $defs: mapValues($defs, part) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(part) }),
    ...(oneOf === undefined ? {} : { oneOf: oneOf.map(part) }),
    ...(allOf === undefined ? {} : { allOf: allOf.map(part) }),
  };
}

function mapOne<Schema extends JsonSchema | boolean>(schema: Schema, change: Change) {
  return typeof schema === 'boolean' ? schema : change(schema);
}

function mapValues<Schema extends JsonSchema | boolean>(
  schemas: Readonly<Record<string, Schema>>,
  change: Change,
) {
  return Object.fromEntries(
    Object.entries(schemas).map(([key, schema]) => [key, mapOne<Schema>(schema, change)]),
  );
}
