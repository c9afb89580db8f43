import type { ValueCodec } from './codec.ts';

/** Bytes that are carried and echoed as they came. */
export const bytes: ValueCodec<Uint8Array> = {
  parse: (value) => value,
  format: (value) => value,
};
