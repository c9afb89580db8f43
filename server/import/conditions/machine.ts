import type { MappedExpression } from './expression.ts';
import type { FieldReader } from './fields.ts';

/** Make and model, from the rules of dynamic variables: `*` and `?` are wildcards. */
export function mapMakeModel(field: FieldReader): MappedExpression {
  return query('Win32_ComputerSystem', {
    Manufacturer: field('Make'),
    Model: field('Model'),
  });
}

/** One computer, from the same rules; what is empty does not matter. */
export function mapComputer(field: FieldReader): MappedExpression {
  const wanted = [
    query('Win32_SystemEnclosure', { SMBIOSAssetTag: field('AssetTag') }),
    query('Win32_NetworkAdapterConfiguration', { MACAddress: field('MACAddress') }),
    query('Win32_BIOS', { SerialNumber: field('SerialNumber') }),
    query('Win32_ComputerSystemProduct', { UUID: field('UUID') }),
  ].flatMap(({ condition }) => condition ?? []);
  if (wanted.length === 0) return { reason: 'it names no computer' };
  return { condition: wanted.length === 1 ? wanted[0] : { all: wanted } };
}

function query(
  className: string,
  properties: Readonly<Record<string, string | undefined>>,
): MappedExpression {
  const tests = Object.entries(properties).flatMap(([property, value]) =>
    value === undefined || value.trim() === '' ? [] : `${property} ${matching(value.trim())}`,
  );
  if (tests.length === 0) return { reason: 'it says nothing of the machine' };
  return {
    condition: {
      kind: 'wmi',
      query: `SELECT * FROM ${className} WHERE ${tests.join(' AND ')}`,
    },
  };
}

function matching(value: string): string {
  const quoted = (text: string): string =>
    `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  if (!/[*?]/.test(value)) return `= ${quoted(value)}`;
  // The marks of LIKE are characters here.
  const pattern = value
    .replaceAll(/[%_[\]]/g, '[$&]')
    .replaceAll('*', '%')
    .replaceAll('?', '_');
  return `LIKE ${quoted(pattern)}`;
}
