import { z } from 'zod';
import { ErrorBody } from '#agent/protocol/error.ts';
import type { RouteEntry } from '../role.ts';
import type { ApiAnswer, ApiOperation } from './operation.ts';

/** A document of OpenAPI 3.1, as plain JSON. */
export type ApiDocument = Readonly<Record<string, unknown>>;

type Json = Record<string, unknown>;

/** Every answer that is not 2xx: problem details (RFC 9457) with the members of `ErrorBody`. */
const Problem = ErrorBody.extend({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
});

/**
 * Describes the operators' API (OpenAPI 3.1.1): each route with the schemas it checks its parameters and
 * body by, and what the list of operations says of it. A route that the list does not have is left out.
 */
export function formatApiDocument(
  routes: readonly RouteEntry[],
  operations: ReadonlyMap<string, ApiOperation>,
  version: string,
): ApiDocument {
  const paths: Record<string, Json> = {};
  const components = new Components();
  components.addAnswer('Problem', Problem);
  for (const [key, operation] of operations) {
    const route = routes.find(({ method, path }) => `${method} ${path}` === key);
    if (route === undefined) continue;
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: describe(route, operation, components),
    };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Metalwright',
      version,
      description:
        'What the console and the metalwright command speak. Times are milliseconds since 1970.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set([...operations.values()].map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components.schemas(),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'metalwright-session' },
      },
    },
  };
}

function describe(route: RouteEntry, operation: ApiOperation, components: Components): Json {
  const { body, params, querystring } = route.schema ?? {};
  const id = operationId(route);
  return {
    operationId: id,
    tags: [operation.tag],
    summary: operation.summary,
    security: route.role === 'public-console' ? [] : [{ token: [] }, { session: [] }],
    parameters: [
      ...parameters(params, 'path', namesIn(route.path)),
      ...parameters(querystring, 'query', []),
    ],
    ...requestBody(operation, body === undefined ? undefined : components.addRequest(id, body)),
    responses: {
      ...answerOf(operation.answer, (schema) => components.addAnswer(`${id}Answer`, schema)),
      default: {
        description: 'What is wrong, and what to do.',
        content: { 'application/problem+json': { schema: reference('Problem') } },
      },
    },
  };
}

/** `GET /api/v1/devices/:id/clear` is `getDevicesIdClear`. */
function operationId({ method, path }: RouteEntry): string {
  const words = path.replace('/api/v1', '').match(/[a-z0-9]+/gi) ?? [];
  const name = words.map((word) => `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`).join('');
  return `${method.toLowerCase()}${name}`;
}

function namesIn(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
}

/** One parameter for each property of the schema; those of a path are there in any case. */
function parameters(
  schema: z.ZodType | undefined,
  place: 'path' | 'query',
  names: readonly string[],
): Json[] {
  const { properties = {}, required = [] } =
    schema === undefined
      ? {}
      : Properties.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return [...new Set([...names, ...Object.keys(properties)])].map((name) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: properties[name] ?? { type: 'string' },
  }));
}

const Properties = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
});

function requestBody(operation: ApiOperation, schema: Json | undefined): Json {
  if (operation.body === 'bytes')
    return { requestBody: { required: true, content: { 'application/octet-stream': {} } } };
  return schema === undefined
    ? {}
    : { requestBody: { required: true, content: { 'application/json': { schema } } } };
}

function answerOf(answer: ApiAnswer, add: (schema: z.ZodType) => Json): Json {
  const content = (type: string, schema: Json) => ({
    200: { description: 'Done.', content: { [type]: { schema } } },
  });
  switch (answer) {
    case 'nothing':
      return { 204: { description: 'Done; there is nothing to tell.' } };
    case 'events':
      return content('text/event-stream', { type: 'string' });
    case 'page':
      return {
        303: {
          description: 'To a page of the console; a page that says why, where it is refused.',
        },
      };
    case 'bytes':
      return content('application/octet-stream', {});
    case 'other-json':
      return content('application/json', {});
    default:
      return content('application/json', add(answer));
  }
}

function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

/** The schemas of the document, each once: what is sent and what is answered can differ in one schema. */
class Components {
  readonly #requests = new Map<string, z.ZodType>();
  readonly #answers = new Map<string, z.ZodType>();

  addRequest(name: string, schema: z.ZodType): Json {
    this.#requests.set(`${name}Body`, schema);
    return reference(`${name}Body`);
  }

  addAnswer(name: string, schema: z.ZodType): Json {
    this.#answers.set(name, schema);
    return reference(name);
  }

  schemas(): Json {
    return { ...toSchemas(this.#answers, 'output'), ...toSchemas(this.#requests, 'input') };
  }
}

function toSchemas(named: ReadonlyMap<string, z.ZodType>, io: 'input' | 'output'): Json {
  return Object.fromEntries(
    [...named].map(([name, schema]) => {
      const { $schema: _, ...rest } = z.toJSONSchema(schema, {
        io,
        unrepresentable: 'any',
        reused: 'inline',
      });
      return [name, rest];
    }),
  );
}
