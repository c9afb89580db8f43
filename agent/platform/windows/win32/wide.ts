/** A text as Windows takes it: UTF-16 with a zero at its end. */
export function wide(value: string): Buffer {
  return Buffer.from(`${value}\0`, 'utf16le');
}

/** The text up to the first zero. */
export function narrow(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf16le').split('\0', 1)[0] ?? '';
}
