import type { ValueCodec } from './codec.ts';
import { text } from './text.ts';

/** Text that is sent with a zero at its end, as WDS sends option 252 and boot managers read it. */
export const terminatedText: ValueCodec<string> = {
  parse: text.parse,
  format: (value) => text.format(`${value}\0`),
};
