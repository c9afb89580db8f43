/** Where in a text something is wrong; both count from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** What can be wrong with bytes that should be an XML text. */
export type XmlFaultKind =
  | 'not-text'
  | 'encoding'
  | 'not-well-formed'
  | 'doctype'
  | 'too-deep'
  | 'too-large';

/** Bytes or a text that cannot be read. Who reads them makes an error of their own of it, with a code. */
export class XmlFault extends Error {
  readonly kind: XmlFaultKind;
  readonly hint: string | undefined;
  readonly position: TextPosition | undefined;
  constructor(
    kind: XmlFaultKind,
    message: string,
    options: {
      readonly hint?: string | undefined;
      readonly position?: TextPosition;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'XmlFault';
    this.kind = kind;
    this.hint = options.hint;
    this.position = options.position;
  }
}
