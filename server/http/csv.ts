/** What spreadsheets take for the beginning of a formula; such a cell gets an apostrophe, and stays text. */
const formula = /^[=+\-@\t\r]/;

/** Rows as CSV (RFC 4180): CRLF, quotes where they are needed. Numbers stay numbers. */
export function formatCsv(
  columns: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const cell = (value: string | number | null): string => {
    if (value === null) return '';
    if (typeof value === 'number') return String(value);
    const safe = formula.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}
