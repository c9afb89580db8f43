import type { JsonSchema } from '../json-schema/map-inner.ts';

/** One setting of a step, for a table in Markdown. `name` has the settings around it: `partitions[].size`. */
export interface ParamRow {
  readonly name: string;
  readonly what: string;
  readonly values: string;
  readonly standard: string;
}

/** Levels of settings within settings. */
const MAX_DEPTH = 4;

/** All settings of a schema, those within others after them. */
export function paramRows(schema: JsonSchema): readonly ParamRow[] {
  return rowsIn(schema, schema, '', 0);
}

function rowsIn(schema: JsonSchema, root: JsonSchema, around: string, depth: number): ParamRow[] {
  if (depth > MAX_DEPTH) return [];
  const { required = [] } = schema;
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const inner: JsonSchema = Object(field);
    const name = `${around}${key}`;
    const rows =
      isReference(inner) || isTree(inner, root) ? [] : rowsInside(inner, root, name, depth);
    // Alternatives of a union are told by its values, unless a field of theirs has a title.
    if (inner.title === undefined && around !== '') return rows;
    const isNeeded = required.includes(key);
    return [
      { ...rowOf(name, inner, root), ...(isNeeded ? { standard: '*needed*' } : {}) },
      ...rows,
    ];
  });
}

function rowsInside(field: JsonSchema, root: JsonSchema, name: string, depth: number): ParamRow[] {
  if (field.$ref !== undefined) return rowsInside(resolve(root, field.$ref), root, name, depth + 1);
  const { items, anyOf = [] } = field;
  const inItems =
    typeof items === 'object' && !Array.isArray(items)
      ? rowsOf(items, root, `${name}[]`, depth + 1)
      : [];
  return [
    ...(field.properties === undefined ? [] : rowsIn(field, root, `${name}.`, depth + 1)),
    ...inItems,
    ...anyOf.flatMap((branch) => rowsInside(branch, root, name, depth)),
  ];
}

function rowsOf(item: JsonSchema, root: JsonSchema, name: string, depth: number): ParamRow[] {
  return isReference(item) || isTree(item, root) ? [] : rowsInside(item, root, name, depth);
}

function rowOf(name: string, field: JsonSchema, root: JsonSchema): ParamRow {
  const { title = '', description = '' } = field;
  return {
    name,
    what: escaped(description === '' ? title : `${title}: ${description}`),
    values: escaped(valuesOf(field, root)),
    standard: field.default === undefined ? '' : escaped(inCode(field.default)),
  };
}

/** What may be written, in words. */
function valuesOf(field: JsonSchema, root: JsonSchema): string {
  if (field.$ref !== undefined)
    return isTree(field, root) ? 'a condition' : valuesOf(resolve(root, field.$ref), root);
  if (field.const !== undefined) return inCode(field.const);
  if (field.enum !== undefined) return field.enum.map(inCode).join(', ');
  if (isReference(field)) return '`{ name }` or `{ id }`';
  const branches = (field.anyOf ?? field.oneOf ?? []).filter((branch) => !isOtherText(branch));
  if (branches.length > 0)
    return [...new Set(branches.map((each) => valuesOf(each, root)))].join('; ');
  const { type, items } = field;
  if (type === 'integer' || type === 'number') return rangeOf(field);
  if (type === 'boolean') return '`true`, `false`';
  if (type === 'array')
    return `list of ${typeof items === 'object' && !Array.isArray(items) ? valuesOf(items, root) : 'values'}`;
  if (type === 'object') return objectOf(field);
  return field.maxLength === undefined ? 'text' : `text, at most ${field.maxLength} characters`;
}

function objectOf({ properties = {} }: JsonSchema): string {
  const names = Object.keys(properties);
  return names.length === 0 ? 'names with values' : `\`{ ${names.join(', ')} }\``;
}

function rangeOf({ minimum, maximum }: JsonSchema): string {
  if (minimum === undefined && maximum === undefined) return 'number';
  return `${minimum ?? ''} to ${maximum ?? ''}`.trim();
}

/** What is taken as text too: a number, a word in any case. */
function isOtherText({ type, pattern }: JsonSchema): boolean {
  return type === 'string' && pattern?.startsWith('^\\s*(') === true;
}

/** A reference to content or a task sequence. */
function isReference({ properties }: JsonSchema): boolean {
  return (
    Object.keys(properties ?? {})
      .sort()
      .join() === 'id,name'
  );
}

/** Conditions of rules refer to themselves. */
function isTree(field: JsonSchema, root: JsonSchema): boolean {
  const text = field.$ref === undefined ? '' : JSON.stringify(resolve(root, field.$ref));
  return text.includes(`"$ref":"${field.$ref}"`);
}

/** `#/$defs/x` within the schema of one step. */
function resolve(root: JsonSchema, pointer: string): JsonSchema {
  let found: unknown = root;
  for (const key of pointer.split('/').slice(1)) found = Reflect.get(Object(found), key);
  return Object(found);
}

function inCode(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '' ? 'empty' : `\`${text}\``;
}

/** A bar would end the cell. */
function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
