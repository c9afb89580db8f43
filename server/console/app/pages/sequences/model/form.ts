import { isFields } from './tree.ts';

/** JSON Schema as the server serves it, as far as forms look at it. */
export type Schema = Readonly<Record<string, unknown>>;

/** What a setting is edited by. */
export type Control =
  | { readonly kind: 'text'; readonly isLong: boolean; readonly isSecret: boolean }
  | { readonly kind: 'number' }
  | { readonly kind: 'switch' }
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  /** Something of the site by name or id: an image, a package, a task sequence. */
  | { readonly kind: 'reference' }
  | { readonly kind: 'fields'; readonly fields: readonly FormField[] }
  | { readonly kind: 'list'; readonly item: Schema }
  /** One of several shapes. */
  | { readonly kind: 'shapes'; readonly shapes: readonly Shape[] }
  /** What no form is made for: it is written as YAML. */
  | { readonly kind: 'free' };

/** One shape of several, and a value to begin with. */
export interface Shape {
  readonly label: string;
  readonly schema: Schema;
  readonly begin: unknown;
}

/** A setting in a form. */
export interface FormField {
  readonly name: string;
  readonly title: string;
  readonly help: string;
  readonly isRequired: boolean;
  /** What it is where it is not said. */
  readonly fallback: unknown;
  readonly schema: Schema;
}

/** A type of step: what it is called, what it does, and its settings. */
export interface StepKind {
  readonly type: string;
  readonly title: string;
  readonly help: string;
  readonly params: Schema;
}

const LONG_TEXT = 1000;

/** Finds what a schema of the document means. */
export function schemaReader(root: Schema) {
  const definition = (name: string): Schema => asSchema(asSchema(root['$defs'])[name]);
  const resolve = (schema: Schema): Schema => {
    const ref = schema['$ref'];
    if (typeof ref !== 'string') return schema;
    let at: unknown = root;
    for (const key of ref.replace(/^#\//, '').split('/')) at = asSchema(at)[key];
    return resolve(asSchema(at));
  };
  /** All alternatives, but for those that only say that a variable may stand there. */
  const alternatives = (schema: Schema): readonly Schema[] => {
    const own = resolve(schema);
    const inner = own['anyOf'] ?? own['oneOf'];
    if (!Array.isArray(inner)) return [own];
    return inner
      .map(asSchema)
      .filter((each) => each['$ref'] !== '#/$defs/variable')
      .flatMap(alternatives)
      .filter((each, _index, all) => !isWrittenForm(each, all));
  };
  const fieldsOf = (schema: Schema): readonly FormField[] => {
    const own = resolve(schema);
    const required = Array.isArray(own['required']) ? (own['required'] as unknown[]) : [];
    return Object.entries(asSchema(own['properties'])).map(([name, value]) => {
      const field = asSchema(value);
      const of = (key: string) => field[key] ?? resolve(field)[key];
      return {
        name,
        title: textOf(of('title')) || name,
        help: textOf(of('description')),
        isRequired: required.includes(name),
        fallback: field['default'],
        schema: field,
      };
    });
  };
  const begin = (schema: Schema): unknown => {
    const [own = {}] = alternatives(schema);
    if (own['const'] !== undefined) return own['const'];
    if (Array.isArray(own['enum'])) return own['enum'][0] as unknown;
    switch (own['type']) {
      case 'object': {
        const needed = fieldsOf(own).filter(({ isRequired }) => isRequired);
        return Object.fromEntries(needed.map(({ name, schema }) => [name, begin(schema)]));
      }
      case 'array':
        return typeof own['minItems'] === 'number' && own['minItems'] > 0
          ? [begin(asSchema(own['items']))]
          : [];
      case 'integer':
      case 'number':
        return typeof own['minimum'] === 'number' ? Math.max(0, own['minimum']) : 0;
      case 'boolean':
        return false;
      default:
        return '';
    }
  };
  const control = (schema: Schema): Control => {
    const all = alternatives(schema);
    const [only = {}] = all;
    const choices = all.map(choicesOf);
    if (all.length > 0 && choices.every((each) => each !== undefined))
      return { kind: 'choice', options: choices.flat() };
    // A text, a number or a truth value: what is written without quotes is read as a text, and means the same.
    const isScalar = all.every(
      (each) =>
        typeof each['type'] === 'string' && each['type'] !== 'object' && each['type'] !== 'array',
    );
    const written = isScalar ? all.find(({ type }) => type === 'string') : undefined;
    if (all.length > 1 && written !== undefined && written['const'] === undefined)
      return { kind: 'text', isLong: false, isSecret: false };
    if (all.length > 1)
      return {
        kind: 'shapes',
        shapes: all.map((each) => ({ label: labelOf(each), schema: each, begin: begin(each) })),
      };
    if (isReference(only)) return { kind: 'reference' };
    switch (only['type']) {
      case 'string':
        return {
          kind: 'text',
          isLong: typeof only['maxLength'] === 'number' && only['maxLength'] > LONG_TEXT,
          isSecret: resolve(schema)['writeOnly'] === true,
        };
      case 'integer':
      case 'number':
        return { kind: 'number' };
      case 'boolean':
        return { kind: 'switch' };
      case 'object':
        return isFields(only['properties'])
          ? { kind: 'fields', fields: fieldsOf(only) }
          : { kind: 'free' };
      case 'array':
        return { kind: 'list', item: asSchema(only['items']) };
      default:
        return { kind: 'free' };
    }
  };
  return {
    control,
    fieldsOf,
    begin,
    /** A place in the schema: `group`, `condition-variable`. */
    definition,
    /** Settings of the sequence itself. */
    ofSequence: () => fieldsOf(root),
    /** All types of steps in the order in which people look for them. */
    kinds: (): readonly StepKind[] => {
      const types = asSchema(asSchema(definition('step')['properties'])['type'])['anyOf'];
      return (Array.isArray(types) ? types : []).map(asSchema).map((each) => {
        const type = textOf(each['const']);
        return {
          type,
          title: textOf(each['title']) || type,
          help: textOf(each['description']),
          params: definition(`params-${type}`),
        };
      });
    },
    /** The kinds of conditions, with their settings. */
    conditionKinds: (): readonly { readonly kind: string; readonly schema: Schema }[] =>
      Object.keys(asSchema(root['$defs']))
        .filter((name) => name.startsWith('condition-'))
        .map((name) => ({ kind: name.slice('condition-'.length), schema: definition(name) })),
  };
}
export type SchemaReader = ReturnType<typeof schemaReader>;

/** Which of several shapes a value has: the first whose keys or kind fit. */
export function shapeOf(shapes: readonly Shape[], value: unknown): number {
  return shapes.findIndex(({ schema }) => {
    if (schema['const'] !== undefined) return schema['const'] === value;
    if (Array.isArray(schema['enum'])) return schema['enum'].includes(value);
    switch (schema['type']) {
      case 'object': {
        if (!isFields(value)) return false;
        const names = Object.keys(asSchema(schema['properties']));
        const required = Array.isArray(schema['required']) ? (schema['required'] as string[]) : [];
        return (
          required.every((name) => Object.hasOwn(value, name)) &&
          Object.keys(value).every((name) => names.includes(name))
        );
      }
      case 'array':
        return Array.isArray(value);
      case 'integer':
      case 'number':
        return typeof value === 'number';
      default:
        return typeof value === schema['type'];
    }
  });
}

/** A number, a truth value, a choice or a list written as a text, `"5"` or `a, b`, beside the thing itself. */
function isWrittenForm(schema: Schema, all: readonly Schema[]): boolean {
  const isBare = Object.keys(schema).every((key) => key === 'type' || key === 'pattern');
  if (schema['type'] !== 'string' || !isBare) return false;
  return all.some((each) => each['type'] !== 'string' || choicesOf(each) !== undefined);
}

function choicesOf(schema: Schema): readonly string[] | undefined {
  if (typeof schema['const'] === 'string') return [schema['const']];
  const options: unknown = schema['enum'];
  if (!Array.isArray(options)) return undefined;
  return options.every((each) => typeof each === 'string') ? options : undefined;
}

function isReference(schema: Schema): boolean {
  const names = Object.keys(asSchema(schema['properties']));
  return (
    names.length === 2 &&
    names.includes('id') &&
    names.includes('name') &&
    schema['required'] === undefined
  );
}

function labelOf(schema: Schema): string {
  const title = textOf(schema['title']);
  if (title !== '') return title;
  if (typeof schema['const'] === 'string') return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'].join(' | ');
  if (isFields(schema['properties'])) {
    const required = Array.isArray(schema['required']) ? (schema['required'] as string[]) : [];
    return (required.length > 0 ? required : Object.keys(schema['properties'])).join(', ');
  }
  return textOf(schema['type']);
}

function asSchema(value: unknown): Schema {
  return isFields(value) ? value : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
