import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { WmiRow } from '../../sequence/query-capability.ts';
import { namesIn, readText } from './sysfs.ts';

/** Sends one command to a TPM and gives its answer. */
export type TpmExchange = (command: Uint8Array) => Promise<Uint8Array>;

/** TPM_ST_NO_SESSIONS, TPM_CC_GetCapability, TPM_CAP_TPM_PROPERTIES (TPM 2.0 part 2, 6). */
const NO_SESSIONS = 0x8001;
const GET_CAPABILITY = 0x17a;
const TPM_PROPERTIES = 6;
/** TPM_PT_LEVEL, TPM_PT_REVISION (hundredths), TPM_PT_PERMANENT whose bit 0 is ownerAuthSet. */
const LEVEL = 0x101;
const REVISION = 0x102;
const PERMANENT = 0x200;
const ANSWER_BYTES = 4096;

/**
 * `Win32_Tpm`. A TPM 2.0 that the kernel drives is enabled and active; the rest it is asked for itself. A
 * TPM 1.2 tells all in sysfs. `SpecVersion` is version, level and revision, `2.0, 0, 1.38`, as WMI has it.
 * @param root `/`, below which `sys` and `dev` are
 */
export async function tpmRows(root: string, exchange?: TpmExchange): Promise<WmiRow[]> {
  const folder = join(root, 'sys/class/tpm');
  const [name] = (await namesIn(folder)).filter((each) => /^tpm\d+$/.test(each));
  if (name === undefined) return [];
  const text = async (file: string): Promise<string | null> => readText(join(folder, name, file));
  if ((await text('tpm_version_major')) === '1') {
    const flag = async (file: string): Promise<boolean | null> => {
      const told = (await text(`device/${file}`)) ?? (await text(file));
      return told === null ? null : told === '1';
    };
    return [
      {
        SpecVersion: '1.2, 2',
        IsEnabled_InitialValue: await flag('enabled'),
        IsActivated_InitialValue: await flag('active'),
        IsOwned_InitialValue: await flag('owned'),
      },
    ];
  }
  const device = join(root, 'dev', name.replace('tpm', 'tpmrm'));
  const ask = exchange ?? (async (command) => deviceExchange(device, command));
  const fixed = await properties(ask, LEVEL, 2);
  const permanent = (await properties(ask, PERMANENT, 1)).get(PERMANENT);
  const revision = fixed.get(REVISION);
  return [
    {
      SpecVersion: `2.0, ${fixed.get(LEVEL) ?? 0}${revision === undefined ? '' : `, ${(revision / 100).toFixed(2)}`}`,
      IsEnabled_InitialValue: true,
      IsActivated_InitialValue: true,
      IsOwned_InitialValue: permanent === undefined ? null : permanent % 2 === 1,
    },
  ];
}

/** Some of a TPM's numbers from the first on; none where it does not answer as it should. */
async function properties(
  exchange: TpmExchange,
  first: number,
  count: number,
): Promise<ReadonlyMap<number, number>> {
  const command = Buffer.alloc(22);
  command.writeUInt16BE(NO_SESSIONS, 0);
  command.writeUInt32BE(command.length, 2);
  command.writeUInt32BE(GET_CAPABILITY, 6);
  command.writeUInt32BE(TPM_PROPERTIES, 10);
  command.writeUInt32BE(first, 14);
  command.writeUInt32BE(count, 18);
  const found = new Map<number, number>();
  const answer = Buffer.from(await exchange(command).catch(() => new Uint8Array()));
  // Header, response code 0, moreData, capability, count, then pairs.
  if (answer.length < 19 || answer.readUInt32BE(6) !== 0) return found;
  const pairs = Math.min(answer.readUInt32BE(15), count);
  for (let at = 19; at + 8 <= answer.length && found.size < pairs; at += 8)
    found.set(answer.readUInt32BE(at), answer.readUInt32BE(at + 4));
  return found;
}

async function deviceExchange(path: string, command: Uint8Array): Promise<Uint8Array> {
  const device = await open(path, 'r+');
  try {
    await device.write(command);
    const bytes = new Uint8Array(ANSWER_BYTES);
    const { bytesRead } = await device.read(bytes, 0, ANSWER_BYTES, null);
    return bytes.subarray(0, bytesRead);
  } finally {
    await device.close();
  }
}
