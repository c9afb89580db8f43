import { z } from 'zod';
import { type JsonSchema, mapInner } from './map-inner.ts';

/** Whole numbers as text, also with a sign or in hexadecimal: what preprocessing of a number takes. */
const NUMERAL = { type: 'string', pattern: '^\\s*(-?\\d+|0[xX][0-9a-fA-F]+)\\s*$' } as const;

/**
 * What may be written for a zod schema. It takes all that the zod schema takes, and more where JSON
 * Schema cannot say what a refinement or a preprocessing asks.
 * @param at where it is going to stand, `#/$defs/x`: references inside it are made to start there
 */
export function inputSchema(schema: z.ZodType, at: string): JsonSchema {
  const made = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      relaxText(zodSchema, jsonSchema);
      relaxNumber(jsonSchema);
      admitPreprocessed(zodSchema, jsonSchema);
      keepDefault(zodSchema, jsonSchema);
    },
  });
  const { $schema: _, ...rest } = made;
  return moved(rest, at);
}

/** Trimmed texts may be longer before, and a pattern in JSON Schema cannot be without case. */
function relaxText(zodSchema: z.core.$ZodTypes, json: JsonSchema): void {
  if (json.type !== 'string') return;
  delete json.format;
  for (const check of zodSchema._zod.def.checks ?? []) {
    const { def } = check._zod;
    if (def.check === 'overwrite') {
      delete json.maxLength;
      delete json.pattern;
      delete json.allOf;
    }
    const pattern: unknown = 'pattern' in def ? def.pattern : undefined;
    if (pattern instanceof RegExp && /[^u]/.test(pattern.flags)) {
      delete json.pattern;
      delete json.allOf;
    }
  }
}

/** Limits of what a double holds say nothing to anybody. */
function relaxNumber(json: JsonSchema): void {
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
}

/** `z.preprocess` takes other kinds of values too: numbers as text, text for a list of one. */
function admitPreprocessed(zodSchema: z.core.$ZodTypes, json: JsonSchema): void {
  const { def } = zodSchema._zod;
  if (def.type !== 'pipe' || def.in._zod.def.type !== 'transform') return;
  const others = othersFor(json);
  if (others.length === 0) return;
  const inner = { ...json };
  for (const key of Object.keys(json)) Reflect.deleteProperty(json, key);
  const { title, description, ...rest } = inner;
  Object.assign(json, {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    anyOf: [rest, ...others],
  });
}

function othersFor({ type, enum: words }: JsonSchema): readonly JsonSchema[] {
  if (words !== undefined) return [inAnyCase(words.map(String))];
  if (type === 'integer' || type === 'number') return [NUMERAL];
  if (type === 'boolean') return [inAnyCase(['true', 'false'])];
  if (type === 'string') return [{ type: 'number' }, { type: 'boolean' }];
  return type === 'array' ? [{ type: 'string' }] : [];
}

/** One of some words, with blanks around it; patterns of JSON Schema know no flags. */
function inAnyCase(words: readonly string[]): JsonSchema {
  const patterns = words.map((word) =>
    word
      .replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')
      .replaceAll(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`),
  );
  return { type: 'string', pattern: `^\\s*(${patterns.join('|')})\\s*$` };
}

/** Zod leaves a default out where something is preprocessed; here it may be written as it is. */
function keepDefault({ _zod: { def } }: z.core.$ZodTypes, json: JsonSchema): void {
  if (def.type !== 'default' || json.default !== undefined) return;
  const standard: unknown = def.defaultValue;
  if (z.core.safeParse(def.innerType, standard).success) json.default = standard;
}

/** References from the root of a schema, `#` and `#/$defs/y`, as they are where it stands. */
function moved(schema: JsonSchema, at: string): JsonSchema {
  const move = (each: JsonSchema): JsonSchema => {
    const inner = mapInner(each, { place: move, part: move });
    return inner.$ref?.startsWith('#') === true
      ? { ...inner, $ref: `${at}${inner.$ref.slice(1)}` }
      : inner;
  };
  return move(schema);
}
