import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { OperatorServices } from '../../services.ts';
import { operatorOf } from './authorize.ts';

/** A change that an operator made: what kind, and enough to know what it was about. */
export interface AuditedChange {
  /** `device.approve`: what was changed and how. */
  readonly action: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** Whether machines may boot differently now. */
  readonly affects: 'boot' | 'view';
}

/**
 * Routes that change nothing anybody would ask about: what is only read or tried, and parts of an upload,
 * whose end is recorded. A test holds every other route that is no GET to writing an entry.
 */
export const unaudited: ReadonlySet<string> = new Set([
  'POST /api/v1/collections/preview',
  'POST /api/v1/deployments/check',
  'POST /api/v1/sequences/check',
  'POST /api/v1/sequences/:id/simulate',
  'POST /api/v1/simulate',
  'POST /api/v1/packages/uploads',
  'POST /api/v1/packages/uploads/:id/files',
  'PUT /api/v1/packages/uploads/:id/objects/:sha256',
  'POST /api/v1/naming/preview',
  'POST /api/v1/sign-in/oidc',
]);

const recorded = new WeakSet<FastifyRequest>();

/** Whether an entry was written for what this request did. */
export function isRecorded(request: FastifyRequest): boolean {
  return recorded.has(request);
}

/** Writes the audit entry of a change that was made, and tells those who watch. */
export async function recordChange(
  { store, changes, nowMs }: OperatorServices,
  request: FastifyRequest,
  change: AuditedChange,
): Promise<void> {
  await store.audit.add(randomUUID(), {
    atMs: nowMs(),
    who: operatorOf(request),
    action: change.action,
    detail: { ...change.detail, from: request.ip },
  });
  recorded.add(request);
  changes.changed(change.affects);
}

/** Writes the audit entry of a sign-in, refused or not, or of a sign-out: nothing has changed for others. */
export async function recordSignIn(
  { store, nowMs }: OperatorServices,
  request: FastifyRequest,
  entry: {
    readonly action: string;
    readonly who: string;
    readonly detail?: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  const { action, who, detail } = entry;
  await store.audit.add(randomUUID(), {
    atMs: nowMs(),
    who,
    action,
    detail: { ...detail, from: request.ip },
  });
  recorded.add(request);
}
