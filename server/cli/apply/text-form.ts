/**
 * A document with one field read from its form on the command line, where it is a text; everything else as
 * it is. @throws what `read` throws
 */
export function asText(value: unknown, field: string, read: (text: string) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const text: unknown = Reflect.get(value, field);
  return typeof text === 'string' ? { ...value, [field]: readOr(text, read) } : value;
}

/** What a text means; the text itself where it means nothing, which the schema then tells. */
export function readOr(text: string, read: (text: string) => unknown): unknown {
  try {
    return read(text);
  } catch {
    return text;
  }
}
