/** Gives a field of an expression by its name, without case; undefined where it is missing or empty. */
export type FieldReader = (name: string) => string | undefined;

/** Reads the fields of one expression. */
export function fieldReader(fields: Readonly<Record<string, string>>): FieldReader {
  const byName = new Map(
    Object.entries(fields).map(([name, value]) => [name.trim().toLowerCase(), value]),
  );
  return (name) => byName.get(name.toLowerCase()) || undefined;
}
