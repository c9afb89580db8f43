import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { newToken } from '../../trust/token.ts';

type Json = Record<string, unknown>;
type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A key of the provider, under its id. */
interface SigningKey {
  readonly kid: string;
  readonly algorithm: 'RS256' | 'ES256';
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** What the provider does otherwise than it should; each test begins with none of it. */
export interface Misdeeds {
  metadata?: (right: Json) => Json;
  header?: (right: Json) => Json;
  claims?: (right: Json) => Json;
  userinfo?: (right: Json) => Json;
  keys?: (right: Json[]) => Json[];
  /** Makes the signature of `header.payload` in the place of the key. */
  signature?: (input: string) => string;
  /** Answers one path in its own way. */
  answers?: Readonly<Record<string, Answer>>;
  /** Parameters of the callback. */
  callback?: (right: URLSearchParams) => void;
}

/** Who signs in there. */
interface ProviderPerson {
  readonly sub: string;
  readonly preferred_username?: string;
  readonly groups?: unknown;
  readonly email?: string;
}

/** An OpenID provider on loopback over TLS, right in all until a test says otherwise. */
export interface TestProvider extends AsyncDisposable {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Reset by each test. */
  misdeeds: Misdeeds;
  person: ProviderPerson;
  key: SigningKey;
  /** Paths that were asked for, in order. */
  readonly requests: string[];
  /** What the person's browser gets for the address it was sent to: that of the callback. */
  authorize(location: string): string;
  /** Whether it has a place to sign out at. */
  endsSessions: boolean;
  /** The same for a browser that was sent there; what it was sent there with is to be right. */
  endSession(location: string): string;
}

/** A key under an id. */
export function newSigningKey(kid: string, algorithm: SigningKey['algorithm'] = 'ES256') {
  const { privateKey, publicKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, algorithm, privateKey, publicKey };
}

/** Opens it. @param options.tls key and certificate for 127.0.0.1 */
export async function openTestProvider(options: {
  readonly tls: { readonly key: string; readonly cert: string };
  readonly nowMs: () => number;
}): Promise<TestProvider> {
  const codes = new Map<string, URLSearchParams>();
  const server = createServer(options.tls, (request, response) => void serve(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const issuer = `https://127.0.0.1:${port}`;
  const provider: TestProvider = {
    issuer,
    clientId: 'metalwright',
    clientSecret: 'canary-of-the-client-77e0',
    misdeeds: {},
    person: { sub: '1' },
    key: newSigningKey('first'),
    requests: [],
    authorize(location) {
      const asked = new URL(location).searchParams;
      const code = newToken();
      codes.set(code, asked);
      const back = new URL(asked.get('redirect_uri') ?? '');
      const right = { code, state: asked.get('state') ?? '', iss: issuer };
      for (const [name, value] of Object.entries(right)) back.searchParams.set(name, value);
      provider.misdeeds.callback?.(back.searchParams);
      return back.href;
    },
    endsSessions: false,
    endSession(location) {
      const { searchParams: asked } = new URL(location);
      const hint = asked.get('id_token_hint');
      const payload = Buffer.from(hint?.split('.')[1] ?? '', 'base64url').toString('utf8');
      const isOurs = hint === null || JSON.parse(payload).aud === provider.clientId;
      if (asked.get('client_id') !== provider.clientId || !isOurs)
        throw new Error(`the provider knows no client that asks for ${location}`);
      const back = new URL(asked.get('post_logout_redirect_uri') ?? '');
      back.searchParams.set('state', asked.get('state') ?? '');
      return back.href;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    provider.requests.push(path);
    const own = provider.misdeeds.answers?.[path];
    if (own !== undefined) return own(request, response);
    const bodies = await readAll(request);
    switch (path) {
      case '/.well-known/openid-configuration': {
        const right = metadata();
        return send(response, 200, provider.misdeeds.metadata?.(right) ?? right);
      }
      case '/keys': {
        const right = [jwkOf(provider.key)];
        return send(response, 200, { keys: provider.misdeeds.keys?.(right) ?? right });
      }
      case '/token':
        return trade(request, new URLSearchParams(bodies), response);
      case '/userinfo': {
        const right: Json = { ...provider.person };
        return send(response, 200, provider.misdeeds.userinfo?.(right) ?? right);
      }
      case path.startsWith('/authorize?') ? path : '':
        return void response
          .writeHead(302, { location: provider.authorize(`${issuer}${path}`) })
          .end();
      case path.startsWith('/logout?') ? path : '':
        return void response
          .writeHead(302, { location: provider.endSession(`${issuer}${path}`) })
          .end();
      default:
        return send(response, 404, {});
    }
  }

  function metadata(): Json {
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      userinfo_endpoint: `${issuer}/userinfo`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'ES256'],
      authorization_response_iss_parameter_supported: true,
      ...(provider.endsSessions ? { end_session_endpoint: `${issuer}/logout` } : {}),
    };
  }

  function trade(request: IncomingMessage, body: URLSearchParams, response: ServerResponse): void {
    const [id, secret] = basicOf(request.headers.authorization);
    if (id !== provider.clientId || secret !== provider.clientSecret)
      return send(response, 401, { error: 'invalid_client' });
    const code = body.get('code') ?? '';
    const asked = codes.get(code);
    codes.delete(code);
    const verifier = createHash('sha256').update(body.get('code_verifier') ?? '');
    const isRight =
      asked?.get('code_challenge') === verifier.digest('base64url') &&
      asked.get('code_challenge_method') === 'S256' &&
      asked.get('redirect_uri') === body.get('redirect_uri') &&
      body.get('grant_type') === 'authorization_code';
    if (!isRight) return send(response, 400, { error: 'invalid_grant' });
    const nowS = Math.floor(options.nowMs() / 1000);
    const right: Json = {
      iss: issuer,
      aud: provider.clientId,
      iat: nowS,
      exp: nowS + 300,
      nonce: asked?.get('nonce'),
      ...provider.person,
    };
    const token = formatToken(provider.misdeeds.claims?.(right) ?? right);
    return send(response, 200, {
      access_token: newToken(),
      token_type: 'Bearer',
      expires_in: 300,
      id_token: token,
    });
  }

  function formatToken(claims: Json): string {
    const { key, misdeeds } = provider;
    const right: Json = { alg: key.algorithm, kid: key.kid, typ: 'JWT' };
    const input = [misdeeds.header?.(right) ?? right, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${input}.${(misdeeds.signature ?? ((text) => signed(text, key)))(input)}`;
  }

  return provider;
}

/** A signature by a key, as the JOSE algorithms have it (RFC 7518, section 3). */
export function signed(input: string, { algorithm, privateKey }: SigningKey): string {
  const key =
    algorithm === 'ES256' ? { key: privateKey, dsaEncoding: 'ieee-p1363' as const } : privateKey;
  return sign('sha256', Buffer.from(input), key).toString('base64url');
}

/** HMAC by the public key as a text: what a verifier falls for that lets the token choose the algorithm. */
export function signedByPublicKey(input: string, { publicKey }: SigningKey): string {
  const secret = publicKey.export({ format: 'pem', type: 'spki' });
  return createHmac('sha256', secret).update(input).digest('base64url');
}

/** The public half, as the provider shows it. */
export function jwkOf({ publicKey, kid, algorithm }: SigningKey): Json {
  return { ...publicKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' };
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Id and secret, each form-encoded within the Basic scheme (RFC 6749, section 2.3.1). */
function basicOf(header = ''): string[] {
  const text = Buffer.from(header.replace(/^Basic /, ''), 'base64').toString('utf8');
  return text.split(':').map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
