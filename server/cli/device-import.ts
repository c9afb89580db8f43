import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { DeviceImport } from '../http/api.ts';
import { CliError } from './cli-error.ts';

type Device = z.infer<typeof DeviceImport>;

/** Reads the one device that `--name --guid --mac --serial` describe. @throws {CliError} `cli.usage` */
export function deviceFromOptions(rawOptions: unknown): Device {
  const options = z
    .object({
      name: z.string().optional(),
      guid: z.string().optional(),
      mac: z.array(z.string()).optional(),
      serial: z.string().optional(),
    })
    .parse(rawOptions);
  return parseDevice({
    name: options.name,
    smbiosGuid: options.guid,
    macAddresses: options.mac,
    serialNumber: options.serial,
  });
}

/**
 * Reads a file of `name,SMBIOS GUID,MAC` rows, as Configuration Manager imports it. All rows are checked
 * before the first one is sent.
 * @throws {CliError} `cli.file`, `cli.usage` naming the line
 */
export async function readDeviceFile(file: string, rawOptions: unknown): Promise<Device[]> {
  const { headings } = z.object({ headings: z.boolean().default(false) }).parse(rawOptions);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CliError(
      'cli.file',
      `cannot read: ${error instanceof Error ? error.message : String(error)}`,
      {
        where: file,
        hint: 'name a CSV file that this user may read',
        cause: error,
      },
    );
  });
  return parseDeviceRows(text, { headings, where: file });
}

/** Reads the rows themselves; `where` names them in errors. @throws {CliError} `cli.usage` */
export function parseDeviceRows(
  text: string,
  options: { headings: boolean; where: string },
): Device[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return lines.flatMap((line, index) => {
    if ((index === 0 && options.headings) || line.trim() === '') return [];
    const [name, guid, mac] = line.split(',').map((cell) => cell.trim().replaceAll(/^"|"$/g, ''));
    return [
      parseDevice(
        {
          name,
          smbiosGuid: guid === '' ? undefined : guid,
          macAddresses: mac === undefined || mac === '' ? undefined : [mac],
        },
        `${options.where}, line ${index + 1}`,
      ),
    ];
  });
}

function parseDevice(fields: Readonly<Record<string, unknown>>, where?: string): Device {
  const given = Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  );
  const parsed = DeviceImport.safeParse(given);
  const at = where === undefined ? {} : { where };
  if (!parsed.success) {
    const problem = parsed.error.issues
      .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
      .join('; ');
    throw new CliError('cli.usage', `this device cannot be imported: ${problem}`, {
      ...at,
      hint: 'a row is name,SMBIOS GUID,MAC: PC01,55555555-5555-5555-5555-555555555555,05:06:07:08:09:0A',
      exitCode: 2,
    });
  }
  const { smbiosGuid, macAddresses, serialNumber } = parsed.data;
  if (smbiosGuid === undefined && macAddresses.length === 0 && serialNumber === undefined) {
    throw new CliError(
      'cli.usage',
      `${JSON.stringify(parsed.data.name)} has nothing to know it by`,
      {
        ...at,
        hint: 'give at least one of SMBIOS GUID, MAC address and serial number',
        exitCode: 2,
      },
    );
  }
  return parsed.data;
}
