import * as fc from 'fast-check';
import type { JsonSchema } from '#agent/sequence/json-schema/map-inner.ts';

/** Levels of a sample; below it the first alternative is taken, and what may be left out is. */
const MAX_DEPTH = 7;

/** Values that a JSON Schema takes, as far as this project writes such schemas. */
export function sampleOf(schema: JsonSchema, root: JsonSchema, depth = 0): fc.Arbitrary<unknown> {
  const inside = (inner: JsonSchema | boolean) =>
    typeof inner === 'boolean' ? fc.constant(null) : sampleOf(inner, root, depth + 1);
  const { $ref, anyOf, oneOf, type } = schema;
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if ($ref !== undefined) return sampleOf(at(root, $ref), root, depth);
  const branches = anyOf ?? oneOf;
  if (branches !== undefined)
    return fc.oneof(...(depth > MAX_DEPTH ? branches.slice(0, 1) : branches).map(inside));
  if (type === 'object') {
    const { properties = {}, required = [] } = schema;
    const wanted = Object.entries(properties).filter(
      ([key]) => required.includes(key) || depth <= MAX_DEPTH,
    );
    return fc.record(Object.fromEntries(wanted.map(([key, inner]) => [key, inside(inner)])), {
      requiredKeys: required,
    });
  }
  if (type === 'array') {
    const { items = {}, minItems = 0, maxItems = Infinity } = schema;
    return fc.array(Array.isArray(items) ? fc.anything() : inside(items), {
      minLength: minItems,
      maxLength: depth > MAX_DEPTH ? minItems : Math.min(minItems + 2, maxItems),
    });
  }
  if (type === 'integer' || type === 'number')
    return fc.integer({ min: schema.minimum ?? -5, max: schema.maximum ?? 5000 });
  return type === 'boolean' ? fc.boolean() : textOf(schema);
}

function textOf({ pattern, minLength = 0, maxLength = 20 }: JsonSchema): fc.Arbitrary<unknown> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern), { maxLength: 40 });
  return fc.string({ minLength, maxLength: Math.min(Math.max(minLength, 12), maxLength) });
}

/** `#/$defs/step`. */
function at(root: JsonSchema, pointer: string): JsonSchema {
  let found: unknown = root;
  for (const key of pointer.split('/').slice(1)) found = Reflect.get(Object(found), key);
  return Object(found);
}
