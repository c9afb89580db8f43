/** A device's name as it is compared and searched: without case. */
export function nameKey(name: string): string {
  return name.trim().toLowerCase();
}

/** A serial number or asset tag as it is compared and searched; empty where there is none. */
export function serialKey(text: string | null): string {
  return (text ?? '').trim().toLowerCase();
}
