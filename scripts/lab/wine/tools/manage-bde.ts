import { randomUUID } from 'node:crypto';
import type { StandInTool } from '../stand-in-server.ts';
import type { PrintedForms } from './printed-forms.ts';

/** What BitLocker keeps of one volume. */
export interface BitLockerVolume {
  method: string | null;
  /** Counted up each time somebody looks: encrypting takes its time. */
  percent: number;
  protectionOn: boolean;
  readonly protectors: { readonly type: string; readonly id: string }[];
}

/** E_INVALIDARG; what manage-bde ends with where there is nothing of what is asked. */
const WRONG = 0x80070057;
const NONE = 0x80310033;
/** `-status -protectionaserrorlevel`: protection is off. */
const OFF = 1;
const PERCENT_A_LOOK = 40;

/** Words of `-add`, and those by which `-get -Type` asks for them. */
const ADDED: Readonly<Record<string, string>> = {
  '-tpm': 'tpm',
  '-recoverypassword': 'recoverypassword',
};

/**
 * Stands for manage-bde: keeps which volumes are encrypted and by what they are protected, over restarts; their
 * bytes stay as they are. @param volumeOf what stands behind a letter, by its GUID
 */
export function manageBde(
  forms: PrintedForms,
  volumeOf: (letter: string) => string | undefined,
  volumes: Map<string, BitLockerVolume>,
): StandInTool {
  return async ({ words }) => {
    const lower = words.map((word) => word.toLowerCase());
    const drive = words.find((word) => /^[A-Z]:$/i.test(word)) ?? '';
    const guid = volumeOf(drive.charAt(0).toUpperCase());
    if (guid === undefined) return WRONG;
    const known = volumes.get(guid) ?? {
      method: null,
      percent: 0,
      protectionOn: false,
      protectors: [],
    };
    volumes.set(guid, known);
    const has = (word: string): boolean => lower.includes(word);
    const option = (name: string): string | undefined =>
      has(name) ? lower[lower.indexOf(name) + 1] : undefined;
    if (has('-status')) {
      if (has('-protectionaserrorlevel')) return known.protectionOn ? 0 : OFF;
      if (known.method !== null) known.percent = Math.min(100, known.percent + PERCENT_A_LOOK);
      return forms.bitLockerStatus(drive, known);
    }
    if (has('-on')) {
      known.method = option('-encryptionmethod') ?? 'xts_aes128';
      known.protectionOn = known.protectors.length > 0;
      return 'Encryption is now in progress.\r\n';
    }
    if (has('-get')) {
      const type = option('-type');
      const found = known.protectors.filter((each) => each.type === type);
      if (found.length === 0) return NONE;
      return found.map(({ id }) => `      ID: ${id}\r\n`).join('');
    }
    if (has('-add')) {
      const type = ADDED[lower.find((word) => word in ADDED) ?? ''];
      if (type === undefined) return WRONG;
      known.protectors.push({ type, id: `{${randomUUID().toUpperCase()}}` });
      return 'Key Protectors Added:\r\n';
    }
    if (has('-enable')) {
      known.protectionOn = known.protectors.length > 0;
      return known.protectionOn ? 'Key protectors are enabled.\r\n' : NONE;
    }
    return WRONG;
  };
}
