/** A boot image that cannot be made or found, for a reason of this site. */
export class BootImageStoreError extends Error {
  readonly code: `boot-image.${string}`;
  readonly hint: string;

  constructor(code: BootImageStoreError['code'], message: string, hint: string) {
    super(message);
    this.name = 'BootImageStoreError';
    this.code = code;
    this.hint = hint;
  }
}
