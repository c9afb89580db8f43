import type { FastifyInstance, FastifyRequest } from 'fastify';
import { NONCE_HEADER, PROOF_HEADER, TOKEN_SCHEME } from '#agent/protocol/proof.ts';
import { SERVERS_HEADER } from '#agent/protocol/servers.ts';
import { OLDEST_PROTOCOL, PROTOCOL_HEADER, PROTOCOL_VERSION } from '#agent/protocol/version.ts';
import type { AgentSession } from '../store/agents.ts';
import type { ProofChecker } from '../trust/proof-check.ts';
import { hash } from '../trust/token.ts';
import type { AgentSessions } from './agent-sessions.ts';
import { HttpError } from './errors.ts';
import type { Authorize } from './role.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Thumbprint of the key that proved this request (roles `agent-key` and `agent`). */
    agentKey: string | undefined;
    /** Who asks (role `agent`). */
    agentSession: AgentSession | undefined;
  }
}

/** The session of a request to a route with role `agent`. */
export function agentOf(request: FastifyRequest): AgentSession {
  if (request.agentSession === undefined) throw new Error('route without role agent');
  return request.agentSession;
}

/**
 * Every answer on the agents' listener carries the nonce for the next request, and the other servers
 * where there are some.
 */
export function sendNonces(
  app: FastifyInstance,
  proofs: ProofChecker,
  otherServers: (localAddress: string) => readonly string[] = () => [],
): void {
  app.decorateRequest('agentKey', undefined);
  app.decorateRequest('agentSession', undefined);
  app.addHook('onSend', (request, reply, payload, done) => {
    void reply.header(NONCE_HEADER, proofs.nonce());
    const others = otherServers(request.socket.localAddress ?? '');
    if (others.length > 0) void reply.header(SERVERS_HEADER, others.join(','));
    done(null, payload);
  });
}

/** Checks the proof of an agent's key, and its token where the role asks for one. */
export function authorizeAgent(
  proofs: ProofChecker,
  sessions: Pick<AgentSessions, 'find'>,
  nowMs: () => number,
): Authorize {
  return async (request, role) => {
    if (role === 'bootstrap') return;
    checkVersion(request);
    const token = role === 'agent' ? tokenOf(request) : undefined;
    const header = request.headers[PROOF_HEADER];
    const verdict = await proofs.check(typeof header === 'string' ? header : undefined, {
      method: request.method,
      url: request.url,
      body: request.rawBody,
      token,
    });
    if (verdict.kind === 'bad') throw new HttpError(401, verdict.code, verdict.message);
    request.agentKey = verdict.proof.keyThumbprint;
    if (token === undefined) return;
    const session = await sessions.find(hash(token), nowMs());
    if (session === null)
      throw new HttpError(401, 'token.unknown', 'The token is unknown or has expired', {
        hint: 'Register again.',
      });
    // The key of a token is given to whoever registered with the key that the token is bound to.
    request.agentKey ??= session.keyThumbprint;
    if (session.keyThumbprint !== request.agentKey)
      throw new HttpError(401, 'token.key', 'The token belongs to another key');
    request.agentSession = session;
  };
}

function tokenOf(request: FastifyRequest): string {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  if (scheme !== TOKEN_SCHEME || token === undefined || token === '')
    throw new HttpError(401, 'token.missing', `The request carries no ${TOKEN_SCHEME} token`);
  return token;
}

function checkVersion(request: FastifyRequest): void {
  const header = request.headers[PROTOCOL_HEADER];
  if (header === undefined) return;
  const version = Number(header);
  if (version >= OLDEST_PROTOCOL && version <= PROTOCOL_VERSION) return;
  throw new HttpError(
    400,
    'protocol.version',
    `The agent speaks version ${String(header)}, this server ${OLDEST_PROTOCOL} to ${PROTOCOL_VERSION}`,
    { hint: 'Start the machine from the network again: it then gets the agent of this server.' },
  );
}
