/** How JSON writes half a character, a lone surrogate. */
const HALF_CHARACTER = /\\ud[89a-f][0-9a-f]{2}/i;

/**
 * A value whose texts have whole characters alone, as files do: half ones, of scripts in UTF-16 or of a
 * text that was cut, become U+FFFD. The same value where there are none.
 */
export function withWholeCharacters<Value>(value: Value): Value {
  return HALF_CHARACTER.test(JSON.stringify(value)) ? mapTexts(value) : value;
}

function mapTexts<Value>(value: Value): Value;
function mapTexts(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map((inner: unknown) => mapTexts(inner));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.toWellFormed(), mapTexts(inner)]),
  );
}
