/** What makers leave in SMBIOS strings that nobody filled in. */
const UNFILLED =
  /^(to be filled by o\.?e\.?m\.?|default string|system (serial|product|manufacturer).*|not (specified|available|applicable)|none|n\/a|0+|unknown|o\.?e\.?m\.?|asset tag.*|no asset tag)?$/i;

/** A string of SMBIOS that could name a machine; null where the maker left it unfilled. Pure. */
export function makersText(text: string | null | undefined): string | null {
  const trimmed = text?.trim().slice(0, 256) ?? '';
  return UNFILLED.test(trimmed) ? null : trimmed;
}
