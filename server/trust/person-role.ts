import { z } from 'zod';

/**
 * What a person may do, least privilege first in mind (`http/access-matrix.ts` says which routes):
 * `administrator` everything; `author` task sequences, content and collections; `operator` devices,
 * deployments and approvals; `auditor` reads everything, the audit log too, and changes nothing.
 */
export const PersonRole = z.enum(['administrator', 'author', 'operator', 'auditor']);
export type PersonRole = z.infer<typeof PersonRole>;

/** A name of somebody: letters, digits, blanks and `. _ @ - '`. */
export const PersonName = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[\p{L}\p{M}\p{N} ._@'-]+$/u, "letters, digits, blanks and . _ @ - '");

/** What an API token may do of what its role may. */
export const TokenScope = z.strictObject({
  /** Nothing is changed with it. */
  readOnly: z.boolean().default(false),
  /** First words of paths below `/api/v1/`, `devices`; empty: all. */
  areas: z
    .array(z.string().regex(/^[a-z][a-z-]{0,63}$/, 'an area is the first word of a path: devices'))
    .max(50)
    .default([]),
});
export type TokenScope = z.infer<typeof TokenScope>;

/** Who asks: a person at a console, or what speaks for one. */
export interface Caller {
  readonly name: string;
  readonly role: PersonRole;
  /** The person's id; null for the admin token and one-time links. */
  readonly personId: string | null;
  /** `admin`: the token of the server's data directory; `session`: a browser; `token`: an API token. */
  readonly by: 'admin' | 'session' | 'token';
  /** Id of the session or API token; null for the admin token. */
  readonly tokenId: string | null;
  readonly scope: TokenScope | null;
}

/** Whether a person may give a role away, to an API token: his own, or any when he may do everything. */
export function maySpeakAs(own: PersonRole, wanted: PersonRole): boolean {
  return own === 'administrator' || own === wanted;
}
