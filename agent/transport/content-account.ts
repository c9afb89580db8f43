import { randomBytes } from 'node:crypto';
import type { ReleasedAccount } from '../protocol/step-secrets.ts';
import { StepError } from '../sequence/step.ts';
import { answerChallenge, type Challenge, parseChallenge } from './http-auth.ts';

/** Asks the server for the network access accounts of the site. */
export type ContentAccounts = () => Promise<readonly ReleasedAccount[]>;

/**
 * Network access accounts for distribution points that ask for one. Each is tried in its order, and the one
 * that a server took is the first there from then on. Nothing is sent to a server that did not ask, and no
 * password in the clear: Basic over plain HTTP is refused.
 */
export class ContentAccount {
  readonly #ask: ContentAccounts;
  #known: readonly ReleasedAccount[] | undefined;
  readonly #taken = new Map<
    string,
    { readonly account: ReleasedAccount; readonly challenge: Challenge }
  >();
  #count = 0;

  constructor(ask: ContentAccounts) {
    this.#ask = ask;
  }

  /** The header for a server that took an account before; none for another. */
  header(url: string): string | undefined {
    const taken = this.#taken.get(new URL(url).origin);
    return taken === undefined ? undefined : this.#answer(url, taken.challenge, taken.account);
  }

  /**
   * Sends with each account until one is taken.
   *
   * @param send answers the status, and what the server asks for if it is 401
   * @throws {StepError} `content.account`, `content.basic`, and what asking the server throws
   */
  async signIn<Answer extends { readonly statusCode: number }>(
    url: string,
    asked: string | readonly string[] | undefined,
    send: (authorization: string) => Promise<Answer>,
  ): Promise<Answer> {
    const { origin, protocol } = new URL(url);
    this.#taken.delete(origin);
    const challenge = parseChallenge(asked);
    if (challenge === undefined)
      throw new StepError(
        'content.account',
        `${origin} asks for a sign-in that is not known here`,
        {
          hint: 'Let the distribution point ask for Digest, or over HTTPS for Basic.',
        },
      );
    if (challenge.scheme === 'basic' && protocol !== 'https:')
      throw new StepError('content.basic', `${origin} asks for a password in the clear`, {
        hint: 'Let the distribution point speak HTTPS, or ask for Digest.',
      });
    this.#known ??= await this.#ask();
    for (const account of this.#known) {
      const answer = await send(this.#answer(url, challenge, account));
      if (answer.statusCode === 401) continue;
      this.#taken.set(origin, { account, challenge });
      return answer;
    }
    throw new StepError(
      'content.account',
      `${origin} takes none of the accounts ${this.#known.map(({ name }) => name).join(', ')}`,
      { hint: 'Give one of the network access accounts read access there.' },
    );
  }

  #answer(url: string, challenge: Challenge, account: ReleasedAccount): string {
    const { pathname, search } = new URL(url);
    this.#count += 1;
    const cnonce = randomBytes(12).toString('hex');
    return answerChallenge(challenge, account, {
      method: 'GET',
      uri: `${pathname}${search}`,
      cnonce,
      count: this.#count,
    });
  }
}
