import { MAX_CONDITION_NODES } from './condition/tree.ts';
import { Expression } from './condition.ts';
import { DocumentHead, GroupHead, Origin, StepHead } from './document-heads.ts';
import { inputSchema } from './json-schema/input-schema.ts';
import type { JsonSchema } from './json-schema/map-inner.ts';
import { openPlaces, variableText } from './json-schema/open-places.ts';
import type { StepDefinition } from './step.ts';
import type { StepRegistry } from './task-sequence.ts';

/**
 * The JSON Schema (draft 2020-12) of task sequence documents with these steps, for editors. It takes each
 * document that `parseTaskSequence` takes, but for pinned ones with children in them, and refuses what
 * can be refused by form: unknown types, params and kinds of conditions, and values of another kind.
 */
export function taskSequenceJsonSchema(registry: StepRegistry): JsonSchema {
  const definitions = Object.values(registry);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Task sequence',
    description: 'An ordered tree of groups and steps, for Metalwright.',
    ...withNodes(inputSchema(DocumentHead, '#')),
    $defs: {
      node: { anyOf: [{ $ref: '#/$defs/step' }, { $ref: '#/$defs/group' }] },
      group: withNodes(inputSchema(GroupHead, '#/$defs/group')),
      step: stepSchema(definitions),
      condition: conditionSchema(),
      origin: inputSchema(Origin, '#/$defs/origin'),
      variable: variableText,
      ...Object.fromEntries(
        Expression.options.map((option) => {
          const name = `condition-${option.shape.kind.value}`;
          return [name, inputSchema(option, `#/$defs/${name}`)];
        }),
      ),
      ...Object.fromEntries(
        definitions.map((definition) => {
          const name = paramsName(definition);
          return [name, paramsSchema(definition, `#/$defs/${name}`)];
        }),
      ),
    },
  };
}

function paramsName({ type }: StepDefinition): string {
  return `params-${type}`;
}

function paramsSchema({ params, title, help }: StepDefinition, at: string): JsonSchema {
  return { title, description: help, ...openPlaces(inputSchema(params, at)) };
}

function stepSchema(definitions: readonly StepDefinition[]): JsonSchema {
  const head = withNodes(inputSchema(StepHead.omit({ child: true }), '#/$defs/step'));
  const { type, ...properties } = head.properties ?? {};
  return {
    ...head,
    properties: {
      step: properties['step'] ?? true,
      type: { ...Object(type), ...typeSchema(definitions) },
      ...properties,
    },
    allOf: definitions.map((definition) => ({
      if: { properties: { type: { const: definition.type } } },
      // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
      then: {
        properties: { params: { $ref: `#/$defs/${paramsName(definition)}` } },
        ...(definition.params.safeParse({}).success ? {} : { required: ['params'] }),
      },
    })),
  };
}

/** The types with their names, for whoever completes them. */
function typeSchema(definitions: readonly StepDefinition[]): JsonSchema {
  return {
    anyOf: definitions.map(({ type, title, help, action }) => ({
      const: type,
      title,
      description: action === 'now' ? help : `${help} This version cannot run it yet.`,
    })),
  };
}

function conditionSchema(): JsonSchema {
  const list: JsonSchema = {
    type: 'array',
    items: { $ref: '#/$defs/condition' },
    maxItems: MAX_CONDITION_NODES,
  };
  const branches = { all: 'All conditions', any: 'Any condition', none: 'None' };
  return {
    title: 'Condition',
    description: 'An expression, or all, any or none of a list.',
    anyOf: [
      ...Expression.options.map(({ shape }) => ({
        $ref: `#/$defs/condition-${shape.kind.value}`,
      })),
      ...Object.entries(branches).map(
        ([word, title]): JsonSchema => ({
          title,
          type: 'object',
          properties: { [word]: { title, ...list } },
          required: [word],
          additionalProperties: false,
        }),
      ),
    ],
  };
}

function referTo(name: string, schema: JsonSchema | boolean): JsonSchema {
  const { title, description }: JsonSchema = Object(schema);
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    $ref: `#/$defs/${name}`,
  };
}

/** The head of a document or group with what is read node by node. */
function withNodes(head: JsonSchema): JsonSchema {
  const { properties = {}, ...rest } = head;
  const inner: Readonly<Record<string, JsonSchema>> = {
    steps: { items: { $ref: '#/$defs/node' } },
    condition: { $ref: '#/$defs/condition' },
  };
  return {
    ...rest,
    properties: Object.fromEntries(
      Object.entries(properties).map(([key, schema]) => [
        key,
        key === 'origin' ? referTo('origin', schema) : { ...Object(schema), ...inner[key] },
      ]),
    ),
  };
}

/** The same as the text of a file. */
export function formatJsonSchema(registry: StepRegistry): string {
  return `${JSON.stringify(taskSequenceJsonSchema(registry), null, 1)}\n`;
}
