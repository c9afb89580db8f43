import type { z } from 'zod';

/** What one route of the operators' API is for, and what it answers when all goes well. */
export interface ApiOperation {
  /** Heading it stands under. */
  readonly tag: string;
  /** One line, in the third person: `Lists all devices`. */
  readonly summary: string;
  readonly answer: ApiAnswer;
  /** What the body is, where it is no JSON of the route's schema. */
  readonly body?: 'bytes';
}

/**
 * JSON of a schema, or something else: `nothing` (204), `events` (server-sent), `bytes` of a file, a `page`
 * for a browser that is led there, or JSON whose form another document tells (`other-json`).
 */
export type ApiAnswer = z.ZodType | 'nothing' | 'events' | 'bytes' | 'page' | 'other-json';

/** One row under a heading: method and path, what the route does, what it answers. */
export type Row = readonly [route: string, summary: string, answer: ApiAnswer, body?: 'bytes'];
