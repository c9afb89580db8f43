import { z } from 'zod';
import { PackageId, Sha256 } from './identity.ts';

/** Bytes in one request but the last: its proof is over all of them. */
export const CAPTURE_PART_BYTES = 1024 * 1024;
/** 400 GB, by chunks of 4 MiB. */
const MAX_CHUNKS = 100_000;

/**
 * POST /v1/runs/:run/captured-images: a WIM that the step captured and hands over. The same again, also after a restart
 * of either side, is answered by how far it is; when all has come it is checked, and becomes an OS image.
 */
export const CapturedImageOffer = z.strictObject({
  /** The step that runs, its path in the pinned document. */
  step: z.string().min(1).max(256),
  /** Name of the OS image: a new one, or a new version of one that was captured too. */
  name: z.string().trim().min(1).max(128),
  sizeBytes: z.int().positive(),
  sha256: Sha256,
  /** Of every chunk of 4 MiB, in order. */
  chunks: z.array(Sha256).min(1).max(MAX_CHUNKS),
});
export type CapturedImageOffer = z.infer<typeof CapturedImageOffer>;

export const CapturedImageState = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('receiving'),
    /** In the address of its parts. */
    id: z.string().regex(/^[0-9a-f]{32}$/),
    /** Bytes that are kept, from the beginning: the next part begins there. It may be less than was sent. */
    have: z.int().nonnegative(),
  }),
  /** All has come; ask again. */
  z.object({ state: z.literal('checking') }),
  z.object({
    state: z.literal('kept'),
    packageId: PackageId,
    version: z.int().positive(),
  }),
]);
export type CapturedImageState = z.infer<typeof CapturedImageState>;

/** Answer to PUT /v1/runs/:run/captured-images/:id?offset=N, whose body are bytes. One at another offset changes nothing. */
export const CapturedImageAck = z.object({ have: z.int().nonnegative() });
export type CapturedImageAck = z.infer<typeof CapturedImageAck>;
