import { z } from 'zod';
import { Config } from '../config.ts';

/** One setting of `Config`: a value, not a group of them. */
export interface Setting {
  /** Keys from the top, `['listeners', 'boot', 'port']`. */
  readonly path: readonly string[];
  /** How its text is read where it comes as text: from the environment. */
  readonly kind: 'text' | 'number' | 'boolean' | 'list' | 'json';
  readonly description: string;
  /** Its value is shown nowhere. */
  readonly secret: boolean;
}

/** The part of a JSON Schema (draft 2020-12) that is looked at here. */
const Node = z.looseObject({
  type: z.string().optional(),
  description: z.string().optional(),
  secret: z.boolean().optional(),
  get properties() {
    return z.record(z.string(), Node).optional();
  },
  get items() {
    return Node.optional();
  },
  get anyOf() {
    return z.array(Node).optional();
  },
});
type Node = z.infer<typeof Node>;

/** The JSON Schema of the settings file, for editors: docs/config.schema.json. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return {
    title: 'Settings of Metalwright',
    ...z.toJSONSchema(Config, { io: 'input', unrepresentable: 'any' }),
  };
}

/** All settings, in the order of the schema. */
export function listSettings(): readonly Setting[] {
  return settingsIn(Node.parse(configJsonSchema()), []);
}

function settingsIn(node: Node, path: readonly string[]): Setting[] {
  if (node.properties !== undefined)
    return Object.entries(node.properties).flatMap(([key, inner]) =>
      settingsIn(inner, [...path, key]),
    );
  const { description = '', secret = false } = node;
  return [{ path, kind: kindOf(node), description, secret }];
}

function kindOf(node: Node): Setting['kind'] {
  const choices = node.anyOf?.filter(({ type }) => type !== 'null') ?? [];
  const [only] = choices;
  if (choices.length === 1 && only !== undefined) return kindOf(only);
  switch (node.type) {
    case 'string':
      return 'text';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return node.items?.type === 'string' ? 'list' : 'json';
    case undefined:
    default:
      return choices.every(({ type }) => type === 'string') && choices.length > 0 ? 'text' : 'json';
  }
}
