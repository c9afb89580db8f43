import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { ZodError, z } from 'zod';
import { type ErrorBody, ErrorProblem } from '#agent/protocol/error.ts';

/** An error of the HTTP face itself, with its status. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly problems: readonly ErrorProblem[];
  constructor(
    status: number,
    code: string,
    message: string,
    options: { readonly hint?: string; readonly problems?: readonly ErrorProblem[] } = {},
  ) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
    this.hint = options.hint;
    this.problems = options.problems ?? [];
  }
}

/** Codes of domain errors that are not the asker's fault, or are more than 400. */
const statusOfCode: ReadonlyMap<string, number> = new Map([
  ['boundary-group.default', 409],
  ['boundary-group.exists', 409],
  ['collection.exists', 409],
  ['deployment.too-large', 409],
  ['deployment.unhide', 409],
  ['deployment.servers', 409],
  ['deployment.warnings', 409],
  ['distribution-point.exists', 409],
  ['distribution-point.server', 409],
  ['collection.circle', 409],
  ['collection.deployed', 409],
  ['collection.in-use', 409],
  ['collection.reaches-unknown', 409],
  ['collection.rule-exists', 409],
  ['collection.rule-not-found', 404],
  ['package.exists', 409],
  ['package.incomplete', 409],
  ['package.version-conflict', 409],
  ['sequence.disabled', 409],
  ['sequence.child-missing', 409],
  ['sequence.child-disabled', 409],
  ['sequence.child-cycle', 409],
  ['sequence.child-boot-image', 409],
  ['sequence.draft', 409],
  ['sequence.exists', 409],
  ['sequence.in-use', 409],
  ['sequence.reference', 409],
  ['sequence.version-conflict', 409],
  ['feature.child-sequences', 409],
  ['simulate.busy', 503],
  ['simulate.too-long', 422],
  ['simulate.failed', 500],
  ['account.exists', 409],
  ['account.too-many', 409],
  ['account.content', 409],
  ['account.state-store', 409],
  ['account.network-access', 403],
  ['capture.step', 409],
  ['capture.name-taken', 409],
  ['media.not-making', 409],
  ['media.not-ready', 409],
  ['media.elsewhere', 409],
  ['media.no-file', 410],
  ['media.missing-file', 404],
  ['media.form', 409],
  ['media.no-space', 507],
  ['media.no-boot-image', 409],
  ['secret.step', 409],
  ['secret.account', 403],
  ['secret.trust', 403],
  ['run.ended', 409],
  ['run.not-ended', 409],
  ['run.media-claim', 409],
  ['person.exists', 409],
  ['person.last-administrator', 409],
  ['person.disabled', 403],
  ['person.subject', 409],
  ['person.unknown', 403],
  ['oidc.off', 404],
  ['oidc.provider', 502],
  ['oidc.issuer', 502],
  ['oidc.client', 502],
  ['oidc.denied', 403],
  ['oidc.token', 403],
  ['oidc.claims', 403],
  ['oidc.role', 403],
  ['session.busy', 503],
  ['token.role', 403],
  ['variable.too-many', 409],
  ['variable.sealed', 500],
  ['device.exists', 409],
  ['device.name-taken', 409],
  ['device.merge-same', 409],
  ['device.merge-open-runs', 409],
  ['device.split-open-run', 409],
  ['approval.unknown-ignored', 409],
  ['run.exists', 409],
  ['run.open', 409],
  ['run.forked', 409],
  ['run.refused', 409],
  ['run.key', 403],
  ['run.recovery', 403],
  ['run.lost', 409],
  ['device.too-many-waiting', 503],
  ['store.full', 507],
  ['store.busy', 503],
  ['store.io', 500],
  ['store.read-only', 500],
  ['store.corrupt', 500],
  ['store.failed', 500],
  ['store.closed', 503],
  ['store.login', 503],
  ['store.no-database', 503],
  ['store.unreachable', 503],
  ['content.full', 507],
]);

/**
 * When to try again what passes by itself (RFC 9110, section 10.2.3): a busy server or database in seconds,
 * a full disk when somebody has made room.
 */
const retryAfterS: Readonly<Record<number, number>> = { 503: 2, 507: 10 };

/** Says what a failed request is answered: the one place where an error gets its status. */
export function toAnswer(error: unknown): { readonly status: number; readonly body: ErrorBody } {
  if (error instanceof HttpError) return { status: error.status, body: toBody(error) };
  if (hasZodFastifySchemaValidationErrors(error)) {
    const [first] = error.validation;
    const where = `${error.validationContext ?? 'request'}${first?.instancePath ?? ''}`;
    return answer(400, 'request.invalid', `${where}: ${first?.message ?? error.message}`);
  }
  if (error instanceof ZodError) {
    const [issue] = error.issues;
    return answer(
      400,
      'request.invalid',
      `${issue?.path.join('/') ?? ''}: ${issue?.message ?? ''}`,
    );
  }
  if (isCoded(error)) {
    const status = error.code.endsWith('.not-found') ? 404 : statusOfCode.get(error.code);
    if (status !== undefined) return { status, body: toBody(error) };
    if (/^[a-z][a-z-]*(\.[a-z][a-z-]*)+$/.test(error.code))
      return { status: 400, body: toBody(error) };
  }
  const status = statusOfFastify(error);
  if (status !== undefined && error instanceof Error)
    return answer(status, status === 413 ? 'request.too-large' : 'request.invalid', error.message);
  return answer(500, 'server.failed', 'The server failed on this request; its log says why');
}

/** Answers every error as problem details (RFC 9457) that are an `ErrorBody` too; an unknown path as well. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const { status, body } = toAnswer(error);
    if (status >= 500) request.log.error({ err: error, code: body.code }, 'request failed');
    return sendProblem(reply, status, body);
  });
  app.setNotFoundHandler(async (request, reply) =>
    sendProblem(reply, 404, {
      code: 'request.not-found',
      message: `There is no ${request.method} ${request.url}`,
    }),
  );
}

/**
 * Answers what the framework refuses before there is a route: a path that is not well encoded, or too long.
 * Its form is that of the option `frameworkErrors`.
 */
export function answerFrameworkError(
  error: FastifyError,
  _request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { status, body } = toAnswer(error);
  void sendProblem(reply, status, body);
}

/**
 * Problem details: `type` is the path on the console's listener that says what the code means and what to
 * do, `title` the name of the status. `code`, `message`, `hint` and `problems` are members of our own;
 * `detail` is the message once more, for readers that know the RFC alone.
 */
function sendProblem(reply: FastifyReply, status: number, body: ErrorBody): FastifyReply {
  const againS = retryAfterS[status];
  if (againS !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', againS);
  return reply
    .status(status)
    .type('application/problem+json')
    .send({
      type: `/errors/${body.code}`,
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail: body.message,
      ...body,
    });
}

function answer(status: number, code: string, message: string) {
  return { status, body: { code, message } };
}

function isCoded(error: unknown): error is Error & { code: string; hint?: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

const Problems = z.object({ problems: z.array(ErrorProblem).min(1).readonly() });

function toBody(error: { code: string; message: string; hint?: string | undefined }): ErrorBody {
  const { code, message, hint } = error;
  const { data: more = {} } = Problems.safeParse(error);
  return { code, message, ...(hint === undefined ? {} : { hint }), ...more };
}

function statusOfFastify(error: unknown): number | undefined {
  const status: unknown = error instanceof Error ? Reflect.get(error, 'statusCode') : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
