/** What the firmware trusts, or who signed a program, cannot be read. `code` is stable and dotted. */
export class FirmwareTrustError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FirmwareTrustError';
    this.code = code;
  }
}
