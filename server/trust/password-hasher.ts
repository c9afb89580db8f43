import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * Passwords of people, as Argon2id strings with their parameters (PHC string format), so that each is
 * checked by its own and made anew with today's when its owner signs in. Argon2 runs on threads of libuv,
 * a few at a time: each takes 64 MiB, and a flood of sign-ins must not take all memory.
 */
export interface PasswordHasher {
  /** @throws {BusyError} when too many wait */
  hash(password: string): Promise<string>;
  /**
   * Whether it is the password, in the same time whether there is a hash or none.
   * `outdated`: right, and to be hashed anew. @throws {BusyError} when too many wait
   */
  check(password: string, text: string | undefined): Promise<'right' | 'outdated' | 'wrong'>;
}

/** Too many passwords are being checked: nothing was looked at. */
class BusyError extends Error {
  readonly code = 'session.busy';
  readonly hint = 'Try again in some seconds.';
  constructor() {
    super('Too many people are signing in at this moment');
    this.name = 'BusyError';
  }
}

/** Cost of one hash; `memoryKib` is what a flood multiplies. */
export interface HashCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** RFC 9106, section 4, the second recommended choice. */
const COST: HashCost = { memoryKib: 64 * 1024, passes: 3, parallelism: 1 };

const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([\w+/]{22,86})\$([\w+/]{22,86})$/;

/** @param limits how many are hashed at once, how many may wait, and with what cost */
export function createPasswordHasher(
  limits: { readonly atOnce?: number; readonly waiting?: number; readonly cost?: HashCost } = {},
): PasswordHasher {
  const { atOnce = 2, waiting = 20, cost = COST } = limits;
  const queue: (() => void)[] = [];
  let running = 0;
  const inTurn = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    if (running >= atOnce) {
      if (queue.length >= waiting) throw new BusyError();
      const { promise, resolve } = Promise.withResolvers<void>();
      queue.push(resolve);
      await promise;
    } else running++;
    try {
      return await work();
    } finally {
      // Whoever waits takes this turn over, so that nobody comes between.
      const next = queue.shift();
      if (next === undefined) running--;
      else next();
    }
  };
  // What is checked where there is no hash: of a password that nobody has.
  const dummy = { salt: randomBytes(16), hash: randomBytes(32), ...cost };
  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(16);
        return format(cost, salt, await derive(password, { salt, ...cost, hash: dummy.hash }));
      }),
    check: (password, text) =>
      inTurn(async () => {
        const known = text === undefined ? undefined : parse(text);
        const kept = known ?? dummy;
        const isRight = timingSafeEqual(await derive(password, kept), kept.hash);
        if (known === undefined || !isRight) return 'wrong';
        const isNew =
          known.memoryKib === cost.memoryKib &&
          known.passes === cost.passes &&
          known.parallelism === cost.parallelism;
        return isNew ? 'right' : 'outdated';
      }),
  };
}

interface Kept extends HashCost {
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

function derive(password: string, kept: Kept): Promise<Buffer> {
  return promisify(argon2)('argon2id', {
    message: password.normalize('NFC'),
    nonce: kept.salt,
    memory: kept.memoryKib,
    passes: kept.passes,
    parallelism: kept.parallelism,
    tagLength: kept.hash.length,
  });
}

function format(cost: HashCost, salt: Uint8Array, hash: Uint8Array): string {
  const { memoryKib, passes, parallelism } = cost;
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`;
}

function parse(text: string): Kept | undefined {
  const [, memory, passes, parallelism, salt, hash] = PHC.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return undefined;
  return {
    memoryKib: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

/** Without `=`, as the format has it. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}
