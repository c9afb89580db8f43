import { StepError } from '../../../sequence/step-error.ts';
import type { Win32 } from '../win32.ts';

/** A drive letter of a volume, for as long as a tool needs it. */
export interface LentLetter extends AsyncDisposable {
  /** `S`, without a colon. */
  readonly letter: string;
}

/** From the end of the alphabet, where people and programs expect none. */
const CANDIDATES = 'ZYXWVUTSRQPONMLKJIHGFEDC'.split('');

/**
 * Lends drive letters: tools of Windows (dism, bcdboot, manage-bde) take a volume by nothing else. The letter a
 * volume has is taken where it has one, and stays; one that was given here is taken away by its last user.
 */
export class VolumeLetters {
  readonly #calls: Pick<Win32, 'volumes' | 'mountPoints' | 'setMountPoint' | 'removeMountPoint'>;
  /** Whether something else has the letter: a network drive, a drive without a medium. */
  readonly #isUsed: (letter: string) => Promise<boolean>;
  readonly #lent = new Map<string, { readonly letter: string; users: number }>();
  /** One after another: two that look for a free letter must not find the same. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    calls: Pick<Win32, 'volumes' | 'mountPoints' | 'setMountPoint' | 'removeMountPoint'>,
    isUsed: (letter: string) => Promise<boolean>,
  ) {
    this.#calls = calls;
    this.#isUsed = isUsed;
  }

  /** @param volume `\\?\Volume{…}\` @throws {StepError} `disk.no-letter` */
  async lend(volume: string, signal: AbortSignal): Promise<LentLetter> {
    return this.#inTurn(async () => {
      signal.throwIfAborted();
      const known = this.#lent.get(volume);
      const own = known === undefined ? this.#letterOf(volume) : undefined;
      if (own !== undefined) return { letter: own, async [Symbol.asyncDispose]() {} };
      const lent = known ?? { letter: await this.#give(volume), users: 0 };
      lent.users += 1;
      this.#lent.set(volume, lent);
      return {
        letter: lent.letter,
        [Symbol.asyncDispose]: async () => {
          await this.#inTurn(async () => {
            lent.users -= 1;
            if (lent.users > 0) return;
            this.#lent.delete(volume);
            // The volume may be gone meanwhile, and its letter with it.
            if (this.#letterOf(volume) === lent.letter)
              this.#calls.removeMountPoint(`${lent.letter}:\\`);
          });
        },
      };
    });
  }

  #letterOf(volume: string): string | undefined {
    const points = this.#calls.mountPoints(volume);
    return points.flatMap((point) => /^([A-Z]):\\$/i.exec(point)?.[1]?.toUpperCase() ?? [])[0];
  }

  async #give(volume: string): Promise<string> {
    const taken = new Set(this.#calls.volumes().flatMap((each) => this.#letterOf(each) ?? []));
    let refused: unknown;
    for (const letter of CANDIDATES) {
      if (taken.has(letter) || (await this.#isUsed(letter))) continue;
      try {
        this.#calls.setMountPoint(`${letter}:\\`, volume);
      } catch (error) {
        refused = error;
        continue;
      }
      if (this.#letterOf(volume) === letter) return letter;
    }
    throw new StepError('disk.no-letter', `No drive letter could be given to ${volume}`, {
      cause: refused,
      hint: 'All letters are taken, or the volume is gone.',
    });
  }

  async #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const turn = this.#queue.then(work, work);
    this.#queue = turn.catch(() => {});
    return turn;
  }
}
