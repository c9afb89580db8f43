import { CliError } from './cli-error.ts';

/** What a column of a file of devices is. */
export type DeviceColumn =
  | {
      readonly kind:
        | 'name'
        | 'guid'
        | 'mac'
        | 'serial'
        | 'asset-tag'
        | 'notes'
        | 'collection'
        | 'ignore';
    }
  | { readonly kind: 'variable'; readonly name: string; readonly secret: boolean };

/** Headings as people write them, in lower case and with letters only. */
const headings: ReadonlyMap<string, Exclude<DeviceColumn['kind'], 'variable'>> = new Map([
  ['name', 'name'],
  ['computername', 'name'],
  ['computer', 'name'],
  ['hostname', 'name'],
  ['netbiosname', 'name'],
  ['devicename', 'name'],
  ['guid', 'guid'],
  ['smbiosguid', 'guid'],
  ['smbiosuuid', 'guid'],
  ['uuid', 'guid'],
  ['mac', 'mac'],
  ['macaddress', 'mac'],
  ['macaddresses', 'mac'],
  ['serial', 'serial'],
  ['serialnumber', 'serial'],
  ['servicetag', 'serial'],
  ['assettag', 'asset-tag'],
  ['asset', 'asset-tag'],
  ['notes', 'notes'],
  ['note', 'notes'],
  ['comment', 'notes'],
  ['collection', 'collection'],
  ['collections', 'collection'],
  ['ignore', 'ignore'],
]);

/** The columns of Configuration Manager's own files. */
export const plainColumns: readonly DeviceColumn[] = ['name', 'guid', 'mac'].map(asColumn);

/** Reads `name,guid,mac,variable:Site,secret:Password,collection,ignore`. @throws {CliError} `cli.usage` */
export function parseColumns(text: string): DeviceColumn[] {
  return text.split(',').map((word) => asColumn(word.trim()));
}

/** The columns that a file's headings name. @throws {CliError} `cli.usage` for one that is not known */
export function columnsOfHeadings(cells: readonly string[], where: string): DeviceColumn[] {
  return cells.map((cell) => {
    try {
      return asColumn(cell);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      throw new CliError('cli.usage', `the heading ${JSON.stringify(cell)} is not known`, {
        where,
        hint: 'say what the columns are: --columns name,mac,serial,asset-tag,variable:Site,ignore',
        exitCode: 2,
      });
    }
  });
}

function asColumn(word: string): DeviceColumn {
  const [, kind, name] = /^(variable|secret):\s*(\S+)$/i.exec(word) ?? [];
  if (name !== undefined)
    return { kind: 'variable', name, secret: kind?.toLowerCase() === 'secret' };
  const known = headings.get(word.toLowerCase().replaceAll(/[^a-z]/g, ''));
  if (known !== undefined) return { kind: known };
  throw new CliError('cli.usage', `there is no column ${JSON.stringify(word)}`, {
    hint: 'columns are name, guid, mac, serial, asset-tag, notes, collection, variable:Name, secret:Name and ignore',
    exitCode: 2,
  });
}

/** One row as the API takes it. Several columns may hold MAC addresses and collections; empty cells say nothing. */
export function deviceOfCells(
  columns: readonly DeviceColumn[],
  cells: readonly string[],
): Readonly<Record<string, unknown>> {
  const device: Record<string, unknown> = {};
  const macs: string[] = [];
  const collections: string[] = [];
  const variables: { name: string; value: string; secret?: true }[] = [];
  for (const [index, column] of columns.entries()) {
    const cell = cells[index] ?? '';
    if (cell === '') continue;
    switch (column.kind) {
      case 'name':
        device['name'] = cell;
        break;
      case 'guid':
        device['smbiosGuid'] = cell.replaceAll(/[{}]/g, '');
        break;
      case 'serial':
        device['serialNumber'] = cell;
        break;
      case 'asset-tag':
        device['assetTag'] = cell;
        break;
      case 'notes':
        device['notes'] = cell;
        break;
      case 'mac':
        macs.push(...splitMacs(cell));
        break;
      case 'collection':
        collections.push(
          ...cell
            .split(/[;|]/)
            .map((name) => name.trim())
            .filter(Boolean),
        );
        break;
      case 'variable':
        variables.push({
          name: column.name,
          value: cell,
          ...(column.secret ? { secret: true as const } : {}),
        });
        break;
      case 'ignore':
        break;
    }
  }
  return { ...device, macAddresses: macs, collections, variables };
}

/** One address may have blanks between its pairs; several stand apart by `;`, `,`, `|`, or blanks. */
function splitMacs(cell: string): string[] {
  const parts = cell.split(/[;,|]/).map((part) => part.trim());
  return parts.flatMap((part) => {
    const words = part.split(/\s+/).filter(Boolean);
    return words.some((word) => word.replaceAll(/[-.:]/g, '').length < 12) ? [part] : words;
  });
}
