import { z } from 'zod';
import { MediaError } from './media-error.ts';

/** Kinds of media. */
export const MediaKind = z.enum(['bootable', 'stand-alone', 'prestaged']);
export type MediaKind = z.infer<typeof MediaKind>;

/** `media.json`: what media say of themselves to everybody. Nothing of it is secret; the manifest vouches for it. */
export const MediaDescription = z.object({
  format: z.literal(1),
  id: z.uuid(),
  kind: MediaKind,
  /** For people, and the name of the disc. */
  label: z.string().max(100),
  /** Of the Linux PE on them, and so of the machines that start from them. */
  architecture: z.enum(['x64']),
  madeMs: z.int().nonnegative(),
  /** Version of the server that made them. */
  madeBy: z.string().max(100),
  /** SHA-256 of the CA of the site that made them, PEM. */
  site: z.string().regex(/^[0-9a-f]{64}$/),
  /** When they begin and cease to be good; null for always. */
  validFromMs: z.int().nonnegative().nullable(),
  validUntilMs: z.int().nonnegative().nullable(),
  /** Whether machines that the server has no record of may start from them. */
  unknownComputers: z.boolean(),
  /** Agents' listeners of the site, `10.0.0.1:7443`; stand-alone media need none. */
  servers: z.array(z.string().regex(/^\S+:\d+$/)).max(20),
  /** Base URL of plain content of the first of them. */
  bootBase: z.url().nullable(),
  /** Whether `private.json` opens by a password alone. */
  password: z.boolean(),
});
export type MediaDescription = z.infer<typeof MediaDescription>;

/** What a password, where there is one, keeps from whoever finds the media: `private.json`. */
export const MediaPrivate = z.object({
  /** Over those of device and collections. A secret value is sealed once more, to be opened when a step asks. */
  variables: z
    .array(z.object({ name: z.string().max(256), value: z.string(), secret: z.boolean() }))
    .max(1000),
  /** Run before anything else, after the password. */
  prestart: z.object({ commandLine: z.string().min(1).max(8000) }).nullable(),
  /** Key of the media, PKCS #8 in base64: proves to the server by which media a machine was started. */
  key: z.string().max(1000),
  /** What the agent of stand-alone media is told instead of by a server; not known here. */
  standAlone: z.unknown().optional(),
});
export type MediaPrivate = z.infer<typeof MediaPrivate>;

/** Reads a document of media. @throws {MediaError} `media.document` */
export function parseMediaDocument<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  path: string,
): z.output<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new MediaError('media.document', `${path} cannot be read: ${String(error)}`);
  }
  const { success, data, error } = schema.safeParse(json);
  if (success) return data;
  const [issue] = error.issues;
  throw new MediaError(
    'media.document',
    `${path} cannot be read: ${issue?.path.join('.')}: ${issue?.message}`,
    { hint: 'Were the media made by a newer server? Make them again.' },
  );
}
