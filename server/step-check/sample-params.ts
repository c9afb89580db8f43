import { z } from 'zod';
import type { StepDefinition } from '#agent/sequence/step.ts';
import { paramsProblems } from '#agent/sequence/step-params.ts';

/** Times that faults are put right: deep params have a fault a level. */
const MAX_ROUNDS = 30;
/** Texts that are tried where a text is wanted: names, files, places, and a variable, which fits anywhere. */
const texts = ['Sample', 'sample.ps1', 'C:', '\\\\server\\share', 'SMP00001', '%Sample%'];

type Path = readonly PropertyKey[];
type JsonSchema = z.core.JSONSchema.BaseSchema | boolean;

/**
 * The smallest params that a step takes, found by its schema alone: what is required is filled with the
 * least that fits. Undefined where that leads to none.
 */
export function sampleParams(definition: StepDefinition): Record<string, unknown> | undefined {
  const schema = z.toJSONSchema(definition.params, { io: 'input', unrepresentable: 'any' });
  const params = sampleOf(schema);
  if (!isRecord(params)) return undefined;
  const tried = new Map<string, number>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (paramsProblems(definition, params, '').length === 0) return params;
    const issues = definition.params.safeParse(params).error?.issues ?? [];
    for (const { path } of issues) {
      const key = path.map(String).join('.');
      const times = tried.get(key) ?? 0;
      tried.set(key, times + 1);
      putRight(params, path, { schema: schemaAt(schema, path), times });
    }
  }
  return undefined;
}

/** Puts a value at a place: one that fits its schema, another text each time. */
function putRight(
  params: Record<string, unknown>,
  path: Path,
  { schema, times }: { readonly schema: JsonSchema | undefined; readonly times: number },
): void {
  const last = path.at(-1);
  let at: unknown = params;
  for (const key of path.slice(0, -1)) at = isRecord(at) ? at[String(key)] : undefined;
  if (last === undefined || !isRecord(at) || schema === undefined) return;
  const sample = sampleOf(schema);
  if (typeof sample === 'string' && isText(schema)) at[String(last)] = texts[times % texts.length];
  // An object that its schema takes and the step does not wants one of its optional parts.
  else at[String(last)] = isRecord(sample) ? withOptional(sample, schema, times) : sample;
}

function withOptional(
  sample: Record<string, unknown>,
  schema: JsonSchema,
  times: number,
): Record<string, unknown> {
  const properties = typeof schema === 'object' ? Object.entries(schema.properties ?? {}) : [];
  const optional = properties.filter(([name]) => !Object.hasOwn(sample, name));
  const [name, inner] = optional[(times - 1) % optional.length] ?? [];
  return times === 0 || name === undefined
    ? sample
    : { ...sample, [name]: sampleOf(inner ?? true) };
}

/** The least value of a schema. */
function sampleOf(schema: JsonSchema): unknown {
  if (typeof schema === 'boolean') return 'Sample';
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices?.[0] !== undefined) return sampleOf(choices[0]);
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, sampleOf(schema.properties?.[name] ?? true)]),
      );
    case 'array': {
      const item = Array.isArray(schema.items) ? schema.items[0] : schema.items;
      return Array.from({ length: Math.max(1, schema.minItems ?? 0) }, () =>
        sampleOf(item ?? true),
      );
    }
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'string':
    case undefined:
  }
  const pattern = new RegExp(schema.pattern ?? '', 'u');
  return texts.find((text) => pattern.test(text)) ?? 'Sample';
}

function isText(schema: JsonSchema): boolean {
  return typeof schema === 'object' && schema.enum === undefined && schema.const === undefined;
}

/** The schema of the value at a path; of several choices the first that has it. */
function schemaAt(schema: JsonSchema | undefined, path: Path): JsonSchema | undefined {
  const [key, ...inner] = path;
  if (key === undefined || typeof schema !== 'object') return schema;
  for (const choice of schema.anyOf ?? schema.oneOf ?? []) {
    const found = schemaAt(choice, path);
    if (found !== undefined) return found;
  }
  const item = Array.isArray(schema.items) ? schema.items[0] : schema.items;
  const next = typeof key === 'number' ? item : schema.properties?.[String(key)];
  return next === undefined ? undefined : schemaAt(next, inner);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
