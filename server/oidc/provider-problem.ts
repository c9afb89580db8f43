import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { OidcError } from './oidc-error.ts';

/** Codes of openid-client for answers that are wrong in what they say, not in how they came. */
const untrusted = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_KEY_SELECTION_FAILED',
  'OAUTH_UNSUPPORTED_OPERATION',
]);
const clientRefused = new Set(['invalid_client', 'unauthorized_client']);
const clientHint =
  'compare oidc.clientId and the client secret with those that the provider has; it may have another way to prove them, too';

/**
 * What went wrong between the provider and us, with one of our codes. Texts of the provider are left out: they
 * may be anybody's; those of openid-client are constant.
 */
export function providerProblem(error: unknown, issuer: string): OidcError {
  if (error instanceof OidcError) return error;
  if (error instanceof AuthorizationResponseError)
    return new OidcError(
      'oidc.denied',
      `The provider has not signed you in: ${plainWord(error.error)}`,
      {
        hint: 'try again; access_denied is its own decision or yours, anything else is about its settings for this site',
        cause: error,
      },
    );
  if (error instanceof ResponseBodyError || error instanceof WWWAuthenticateChallengeError)
    return tokenEndpointProblem(error);
  const inner = error instanceof ClientError ? error.cause : undefined;
  if (inner instanceof OidcError) return inner;
  if (error instanceof ClientError && untrusted.has(error.code ?? ''))
    return untrustedProblem(error);
  return new OidcError(
    'oidc.provider',
    `The provider ${issuer} cannot be used now: ${reasonOf(error)}`,
    {
      hint: 'sign in with name and password, or by metalwright admin-link; metalwright doctor --config looks at the provider',
      cause: error,
    },
  );
}

/** What a provider is told that is not the one of the settings. */
export function otherIssuer(issuer: string): OidcError {
  return new OidcError('oidc.issuer', `The provider at ${issuer} calls itself otherwise`, {
    hint: 'set oidc.issuer to what its /.well-known/openid-configuration has as issuer, to the letter',
  });
}

function tokenEndpointProblem(error: ResponseBodyError | WWWAuthenticateChallengeError): OidcError {
  const word = error instanceof ResponseBodyError ? plainWord(error.error) : 'invalid_client';
  if (word === 'invalid_grant')
    return new OidcError('oidc.code', 'The provider does not take its code back', {
      hint: 'it was used already, or is too old: sign in again',
      cause: error,
    });
  if (clientRefused.has(word))
    return new OidcError('oidc.client', 'The provider does not take this site as its client', {
      hint: clientHint,
      cause: error,
    });
  return new OidcError('oidc.provider', `The provider gives no token: ${word}`, { cause: error });
}

function untrustedProblem(error: ClientError): OidcError {
  const what = error.cause instanceof Error ? error.cause.message : error.message;
  const isTime = error.code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED';
  return new OidcError('oidc.token', `What the provider says cannot be trusted: ${what}`, {
    hint: isTime
      ? 'compare the clocks of this server and of the provider: metalwright doctor --config'
      : 'nobody was signed in; if it stays so, compare oidc.issuer, oidc.clientId and oidc.algorithms with the provider',
    cause: error,
  });
}

/** A word of the OAuth registry, never a text. */
function plainWord(word: string): string {
  return /^[a-z_]{1,40}$/.test(word) ? word : 'an error of its own';
}

/** The innermost code or message: those of sockets and TLS say more than what is around them. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  if (cause instanceof Error && error instanceof ClientError) return reasonOf(cause);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error.name === 'TimeoutError' || code.includes('TIMEOUT'))
    return 'it does not answer in time';
  return code === '' || code.startsWith('OAUTH_') ? error.message : code;
}
