import * as fc from 'fast-check';
import { z } from 'zod';

/** As much of JSON Schema as the schemas of routes are written in. */
const Node = z.object({
  type: z.string().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  minItems: z.int().optional(),
  pattern: z.string().optional(),
  minLength: z.int().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});

/** Texts that have broken parsers, file systems and databases before. */
const oddTexts = [
  '',
  ' ',
  '\0',
  'null',
  '__proto__',
  '../../etc/passwd',
  '%00%2e%2e',
  "'; drop table devices; --",
  '\ud800',
  '\u202e',
  '😀'.repeat(50),
  'a'.repeat(400),
  'SMS00001',
  '00000000-0000-0000-0000-000000000000',
  '-1',
  '9007199254740993',
];

/** Values of a schema: most are right, some are right but for one place, some are anything. */
export function valuesOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' });
  const right = arbitrary(json);
  return fc.oneof(
    { weight: 5, arbitrary: right },
    { weight: 3, arbitrary: fc.tuple(right, fc.nat(), anything).map(damage) },
    { weight: 1, arbitrary: anything },
  );
}

/** One segment of a path, or one value of a query. */
export const words: fc.Arbitrary<string> = fc.oneof(fc.constantFrom(...oddTexts), fc.string());

const anything: fc.Arbitrary<unknown> = fc.oneof(fc.constantFrom(...oddTexts), fc.jsonValue());

function arbitrary(schema: unknown): fc.Arbitrary<unknown> {
  const { data: node } = Node.safeParse(schema);
  if (node === undefined) return fc.jsonValue();
  if (node.const !== undefined) return fc.constant(node.const);
  if (node.enum !== undefined) return fc.constantFrom(...node.enum);
  const [first, ...others] = node.anyOf ?? node.oneOf ?? [];
  if (first !== undefined) return fc.oneof(...[first, ...others].map(arbitrary));
  const { type = 'any' } = node;
  switch (type) {
    case 'object':
      return objects(node);
    case 'array':
      return fc.array(arbitrary(node.items ?? {}), { minLength: node.minItems ?? 0, maxLength: 4 });
    case 'string':
      return strings(node);
    case 'integer':
      return fc.integer({
        min: Math.max(node.minimum ?? 0, -(2 ** 31)),
        max: Math.min(node.maximum ?? 2 ** 31, 2 ** 31 - 1),
      });
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue();
  }
}

function objects(node: z.infer<typeof Node>): fc.Arbitrary<unknown> {
  const properties = Object.entries(node.properties ?? {});
  const required = node.required ?? [];
  return fc.record(Object.fromEntries(properties.map(([name, of]) => [name, arbitrary(of)])), {
    requiredKeys: required,
  });
}

function strings({ pattern, minLength = 0 }: z.infer<typeof Node>): fc.Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.oneof(
    fc.string({ minLength, maxLength: minLength + 20 }),
    fc.constantFrom(...oddTexts.filter((text) => text.length >= minLength)),
  );
}

/** Puts something else in one place of a value. */
function damage([value, place, other]: readonly [unknown, number, unknown]): unknown {
  if (Array.isArray(value)) return [...value, other];
  if (typeof value !== 'object' || value === null) return other;
  const names = Object.keys(value);
  const name = names[place % (names.length + 1)] ?? 'unknownName';
  return { ...value, [name]: other };
}
