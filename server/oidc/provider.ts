import { readFile } from 'node:fs/promises';
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  type ClientAuth,
  ClientError,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  calculatePKCECodeChallenge,
  clockSkew,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  type ServerMetadata,
} from 'openid-client';
import type { Attempt } from './attempt.ts';
import { type Claims, claimOf } from './claims.ts';
import { createKeyCache } from './key-cache.ts';
import { mapsRoles, type OidcConfig } from './oidc-config.ts';
import { OidcError } from './oidc-error.ts';
import { openProviderRequests, type ProviderFetch } from './provider-fetch.ts';
import { otherIssuer, providerProblem } from './provider-problem.ts';

/** How long what the provider says of itself is good. */
const METADATA_MS = 60 * 60_000;
/** Clocks of well-kept servers differ by less. */
const CLOCK_TOLERANCE_S = 60;
/** Where the provider sends browsers back to, on the console. */
export const CALLBACK_PATH = '/api/v1/sign-in/oidc/callback';
/** The same after somebody has signed out there. */
export const SIGNED_OUT_PATH = '/api/v1/sign-in/oidc/signed-out';

/** Settings of a site that has a provider. */
export type ProviderConfig = OidcConfig & {
  readonly issuer: string;
  readonly clientId: string;
  readonly consoleUrl: string;
};

/** A browser that signs out. */
interface EndSession {
  /** The ID token that it was signed in by; undefined where it is not there any more. */
  readonly idToken: string | undefined;
  /** Comes back with the browser. */
  readonly state: string;
}

/** The OpenID provider of the site, as a relying party talks to it. */
export interface OidcProvider extends AsyncDisposable {
  /** Where the browser is to sign in. @throws {OidcError} `oidc.provider`, `oidc.issuer`, `oidc.client` */
  authorizationUrl(attempt: Attempt): Promise<string>;
  /**
   * Trades the code of the callback for tokens and verifies them: signature, issuer, audience, times, nonce;
   * state and `iss` of the callback (RFC 9207).
   *
   * @param search of the callback's address, `?code=…`
   * @returns claims of the ID token, with those of the userinfo endpoint where it lacks name or groups, and
   *   the token itself
   * @throws {OidcError} `oidc.provider`, `.issuer`, `.client`, `.denied`, `.code`, `.token`
   */
  claims(
    search: string,
    attempt: Attempt,
  ): Promise<{ claims: Claims; idToken: string | undefined }>;
  /**
   * Where the browser signs out at the provider (OpenID Connect RP-Initiated Logout 1.0); null where the
   * provider has no such place. @throws {OidcError} `oidc.provider`, `oidc.issuer`
   */
  endSessionUrl(wish: EndSession): Promise<string | null>;
}

/** Settings with a provider; undefined where nobody signs in by one. */
export function providerConfig(config: OidcConfig): ProviderConfig | undefined {
  const { issuer, clientId, consoleUrl } = config;
  if (issuer === null || clientId === null || consoleUrl === null) return undefined;
  return { ...config, issuer, clientId, consoleUrl };
}

/** Opens it. The provider is not asked before somebody signs in: the server starts without it. */
export async function openProvider(
  config: ProviderConfig,
  nowMs: () => number,
): Promise<OidcProvider> {
  const { issuer, clientId } = config;
  const requests = await openProviderRequests(config.caFile, config.timeoutSeconds * 1000);
  const keys = createKeyCache(() => performance.now());
  const redirectUri = new URL(CALLBACK_PATH, config.consoleUrl).href;
  const signedOutUri = new URL(SIGNED_OUT_PATH, config.consoleUrl).href;
  const scope = [...new Set(['openid', ...config.scopes])].join(' ');
  let known: { readonly metadata: ServerMetadata; readonly untilMs: number } | undefined;
  let asking: Promise<ServerMetadata> | undefined;

  async function discover(): Promise<ServerMetadata> {
    const metadata = await askProvider(requests.fetch, config);
    known = { metadata, untilMs: performance.now() + METADATA_MS };
    return metadata;
  }

  /** Many who sign in at once ask once. */
  async function metadataNow(): Promise<ServerMetadata> {
    if (known !== undefined && performance.now() < known.untilMs) return known.metadata;
    asking ??= discover().finally(() => {
      asking = undefined;
    });
    return await asking;
  }

  async function configuration(): Promise<Configuration> {
    const metadata = await metadataNow();
    const made = new Configuration(
      { ...metadata, id_token_signing_alg_values_supported: algorithmsOf(metadata, config) },
      clientId,
      {
        [clockSkew]: Math.round((nowMs() - Date.now()) / 1000),
        [clockTolerance]: CLOCK_TOLERANCE_S,
      },
      await clientAuthOf(metadata, config),
    );
    made.timeout = config.timeoutSeconds;
    made[customFetch] = keys.around(requests.fetch, {
      keys: metadata.jwks_uri,
      token: metadata.token_endpoint,
    });
    enableNonRepudiationChecks(made);
    return made;
  }

  async function inOurWords<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work();
    } catch (error) {
      throw providerProblem(error, issuer);
    }
  }

  return {
    authorizationUrl: ({ state, nonce, codeVerifier }) =>
      inOurWords(
        async () =>
          buildAuthorizationUrl(await configuration(), {
            redirect_uri: redirectUri,
            scope,
            state,
            nonce,
            code_challenge: await calculatePKCECodeChallenge(codeVerifier),
            code_challenge_method: 'S256',
          }).href,
      ),
    claims: (search, { state, nonce, codeVerifier }) =>
      inOurWords(async () => {
        const made = await configuration();
        const tokens = await authorizationCodeGrant(made, new URL(search, redirectUri), {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: codeVerifier,
          idTokenExpected: true,
        });
        const claims: Claims | undefined = tokens.claims();
        const subject = claims?.['sub'];
        const idToken = tokens.id_token;
        if (claims === undefined || typeof subject !== 'string') return { claims: {}, idToken };
        if (isWhole(claims, config) || made.serverMetadata().userinfo_endpoint === undefined)
          return { claims, idToken };
        const more = await fetchUserInfo(made, tokens.access_token, subject);
        return { claims: { ...more, ...claims }, idToken };
      }),
    endSessionUrl: ({ idToken, state }) =>
      inOurWords(async () => {
        const metadata = await metadataNow();
        if (metadata.end_session_endpoint === undefined) return null;
        // The client's secret is not asked for here.
        const url = buildEndSessionUrl(new Configuration(metadata, clientId), {
          post_logout_redirect_uri: signedOutUri,
          state,
          ...(idToken === undefined ? {} : { id_token_hint: idToken }),
        });
        return url.href;
      }),
    [Symbol.asyncDispose]: () => requests[Symbol.asyncDispose](),
  };
}

/** Asks the provider what it is. @throws {OidcError} `oidc.provider`, `oidc.issuer` */
export async function askProvider(
  fetch: ProviderFetch,
  config: ProviderConfig,
): Promise<ServerMetadata> {
  try {
    const found = await discovery(new URL(config.issuer), config.clientId, undefined, None(), {
      algorithm: 'oidc',
      timeout: config.timeoutSeconds,
      [customFetch]: fetch,
    });
    const metadata = found.serverMetadata();
    // openid-client takes templates of Entra ID and differences of form: a site is for one issuer.
    if (metadata.issuer === config.issuer) return metadata;
    throw otherIssuer(config.issuer);
  } catch (error) {
    const isOther =
      error instanceof ClientError && error.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED';
    throw isOther ? otherIssuer(config.issuer) : providerProblem(error, config.issuer);
  }
}

function isWhole(claims: Claims, config: OidcConfig): boolean {
  const hasGroups = !mapsRoles(config) || claimOf(claims, config.groupsClaim) !== undefined;
  return hasGroups && claimOf(claims, config.nameClaim) !== undefined;
}

/** What both sides take. @throws {OidcError} `oidc.provider` */
function algorithmsOf(metadata: ServerMetadata, { algorithms }: OidcConfig): string[] {
  const offered = metadata.id_token_signing_alg_values_supported;
  const taken: readonly string[] = algorithms;
  const both = offered === undefined ? [...taken] : taken.filter((each) => offered.includes(each));
  if (both.length > 0) return both;
  throw new OidcError('oidc.provider', 'The provider signs with no algorithm that is taken here', {
    hint: `oidc.algorithms has ${taken.join(', ')}`,
  });
}

/** @throws {OidcError} `oidc.client` */
async function clientAuthOf(metadata: ServerMetadata, config: OidcConfig): Promise<ClientAuth> {
  const secret = await readSecret(config);
  if (secret === null) return None();
  // Without a word of the provider it is `client_secret_basic` (OpenID Connect Discovery, section 3).
  const ways = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return !ways.includes('client_secret_basic') && ways.includes('client_secret_post')
    ? ClientSecretPost(secret)
    : ClientSecretBasic(secret);
}

/** Read each time: a secret that was renewed needs no restart. */
async function readSecret({ clientSecret, clientSecretFile }: OidcConfig): Promise<string | null> {
  if (clientSecretFile === null) return clientSecret;
  try {
    return (await readFile(clientSecretFile, 'utf8')).trimEnd();
  } catch (error) {
    throw new OidcError('oidc.client', `The client secret cannot be read: ${String(error)}`, {
      hint: 'oidc.clientSecretFile names a file that the server may read',
      cause: error,
    });
  }
}
