import type {
  BitLockerCapability,
  KeyProtector,
  TpmState,
} from '#agent/sequence/bitlocker-capability.ts';
import type { VolumeId } from '#agent/sequence/platform.ts';
import { StepError } from '#agent/sequence/step-error.ts';

/** BitLocker of one volume. */
export interface SimulatedEncryption {
  percent: number;
  method: string | null;
  /** False: the key lies in the clear, or protectors are suspended. */
  protectionOn: boolean;
  readonly protectors: {
    readonly id: string;
    readonly kind: KeyProtector['kind'];
    /** Of a recovery password that was given. */
    readonly password?: string | undefined;
  }[];
  /** Starts of Windows until protection is on again; 0 for good. */
  suspendedFor: number | null;
  /** Protectors that Active Directory has. */
  readonly escrowed: string[];
}

/** BitLocker of a simulated machine, over all its starts: it encrypts a quarter of a volume at each look. */
export class SimulatedBitLocker {
  readonly tpm: TpmState;
  /** Whether Active Directory takes keys. */
  directory = true;
  /** Methods that this Windows does not know. */
  readonly unknownMethods = new Set<string>();
  readonly #volumes = new Map<VolumeId, SimulatedEncryption>();

  constructor(tpm: TpmState = { present: true, enabled: true, activated: true, version: '2.0' }) {
    this.tpm = tpm;
  }

  of(volume: VolumeId): SimulatedEncryption {
    const known = this.#volumes.get(volume);
    if (known) return known;
    const made: SimulatedEncryption = {
      percent: 0,
      method: null,
      protectionOn: false,
      protectors: [],
      suspendedFor: null,
      escrowed: [],
    };
    this.#volumes.set(volume, made);
    return made;
  }

  /** For one start. @param system the volume that Windows runs from; @param tick where the power may be cut */
  start(system: () => VolumeId, tick: () => void): BitLockerCapability {
    const find = (volume: VolumeId): SimulatedEncryption => {
      tick();
      return this.of(volume);
    };
    return {
      tpm: async () => {
        tick();
        return this.tpm;
      },
      volumeOf: async (drive) =>
        drive === null || drive.toUpperCase() === 'C:' ? system() : `drive:${drive.toLowerCase()}`,
      status: async (volume) => {
        const { percent, method, protectionOn } = find(volume);
        const state = percent === 100 ? 'encrypted' : method === null ? 'decrypted' : 'encrypting';
        return { state, percent, protectionOn };
      },
      protectors: async ({ volume, kind, password }) =>
        find(volume)
          .protectors.filter(
            (each) => each.kind === kind && (password === undefined || each.password === password),
          )
          .map(({ id }) => id),
      start: async ({ volume, method, usedSpaceOnly }) => {
        const encryption = find(volume);
        if (method !== null && this.unknownMethods.has(method))
          throw new StepError('bitlocker.method', `This Windows does not encrypt by ${method}`);
        encryption.method = method ?? 'default';
        // An empty volume is done at once, where only what is used counts.
        encryption.percent = usedSpaceOnly && encryption.protectors.length === 0 ? 100 : 0;
        tick();
      },
      addProtector: async ({ volume, protector }) => {
        const { kind } = protector;
        const password = kind === 'recovery-password' ? protector.password : undefined;
        const { protectors } = find(volume);
        const id = `{${String(protectors.length + 1).padStart(8, '0')}-0000-4000-8000-000000000000}`;
        protectors.push({ id, kind, password });
        tick();
        return { id };
      },
      removeProtector: async ({ volume, protectorId }) => {
        const { protectors } = find(volume);
        const at = protectors.findIndex(({ id }) => id === protectorId);
        if (at >= 0) protectors.splice(at, 1);
        tick();
      },
      backUpToDirectory: async ({ volume, protectorId }) => {
        const { escrowed } = find(volume);
        if (!this.directory)
          throw new StepError('bitlocker.escrow', 'Active Directory did not take the key');
        if (!escrowed.includes(protectorId)) escrowed.push(protectorId);
      },
      resume: async (volume) => {
        const encryption = find(volume);
        encryption.protectionOn = encryption.protectors.length > 0;
        encryption.suspendedFor = null;
        tick();
      },
      suspend: async ({ volume, restarts }) => {
        const encryption = find(volume);
        encryption.protectionOn = false;
        encryption.suspendedFor = restarts;
        tick();
      },
      encrypted: (volume) => encrypt(find, volume),
    };
  }
}

async function* encrypt(find: (volume: VolumeId) => SimulatedEncryption, volume: VolumeId) {
  for (;;) {
    const encryption = find(volume);
    if (encryption.percent === 100) {
      encryption.protectionOn = encryption.protectors.length > 0;
      return;
    }
    yield { detail: `${encryption.percent} %` };
    encryption.percent += 25;
  }
}
