/** Reads and writes one option's value. `parse` throws a `WireError` `dhcp.value` on what it cannot be. */
export interface ValueCodec<T> {
  readonly parse: (bytes: Uint8Array) => T;
  readonly format: (value: T) => Uint8Array;
}
