import type { PersonRole } from '../trust/person-role.ts';

/** Which roles may call a route, by method and path. */
export type AccessMatrix = ReadonlyMap<string, readonly PersonRole[]>;

const all: readonly PersonRole[] = ['administrator', 'author', 'operator', 'auditor'];
const administrators: readonly PersonRole[] = ['administrator'];
const authors: readonly PersonRole[] = ['administrator', 'author'];
const operators: readonly PersonRole[] = ['administrator', 'operator'];
const changers: readonly PersonRole[] = ['administrator', 'author', 'operator'];
const auditors: readonly PersonRole[] = ['administrator', 'auditor'];

/**
 * Who may do what: each route of the console's listener that asks for a person who is signed in
 * (`role('operator')`), and the roles that may call it. A route that is not here makes the server's start
 * fail, so none is open by mistake. A GET's row is its HEAD's, too.
 */
export const accessMatrix: AccessMatrix = new Map([
  ['GET /api/v1/session', all],
  ['DELETE /api/v1/session', all],
  ['PUT /api/v1/session/password', all],
  ['POST /api/v1/admin-links', administrators],
  ['GET /api/v1/people', auditors],
  ['GET /api/v1/people/:id', auditors],
  ['POST /api/v1/people', administrators],
  ['PUT /api/v1/people/:id', administrators],
  ['PUT /api/v1/people/:id/password', administrators],
  ['DELETE /api/v1/people/:id', administrators],
  ['GET /api/v1/accounts', all],
  ['GET /api/v1/accounts/:id', all],
  ['POST /api/v1/accounts', administrators],
  ['PUT /api/v1/accounts/:id', administrators],
  ['DELETE /api/v1/accounts/:id', administrators],
  ['GET /api/v1/account-cases', all],
  ['GET /api/v1/deployments/:id/secrets', all],
  ['PUT /api/v1/deployments/:id/secrets', administrators],
  ['GET /api/v1/sessions', all],
  ['DELETE /api/v1/sessions/:id', all],
  ['GET /api/v1/tokens', all],
  ['GET /api/v1/tokens/:id', all],
  ['POST /api/v1/tokens', all],
  ['DELETE /api/v1/tokens/:id', all],
  ['GET /api/v1/audit', auditors],

  ['GET /api/v1/status', all],
  ['GET /metrics', all],
  ['GET /api/v1/feed', all],
  ['GET /api/v1/features', all],
  ['PUT /api/v1/features/:name', administrators],

  ['GET /api/v1/netboot', all],
  ['PUT /api/v1/netboot', administrators],
  ['GET /api/v1/boot-decisions', all],
  ['GET /api/v1/netboot/chains', all],
  ['PUT /api/v1/netboot/chains', operators],
  ['GET /api/v1/netboot/signers', all],
  ['DELETE /api/v1/netboot/signers/:device', operators],
  ['GET /api/v1/netboot/wimboot', all],
  ['PUT /api/v1/netboot/wimboot', administrators],
  ['DELETE /api/v1/netboot/wimboot', administrators],

  ['GET /api/v1/devices', all],
  ['POST /api/v1/devices', operators],
  ['POST /api/v1/devices/:id/approve', operators],
  ['POST /api/v1/devices/:id/ignore', operators],
  ['POST /api/v1/devices/:id/clear', operators],
  ['GET /api/v1/devices/:id/variables', all],
  ['PUT /api/v1/devices/:id/variables/:name', operators],
  ['DELETE /api/v1/devices/:id/variables/:name', operators],

  ['GET /api/v1/collections', all],
  ['POST /api/v1/collections', changers],
  ['GET /api/v1/collections/:id', all],
  ['PUT /api/v1/collections/:id', changers],
  ['DELETE /api/v1/collections/:id', changers],
  ['POST /api/v1/collections/:id/copy', changers],
  ['POST /api/v1/collections/:id/rules', changers],
  ['GET /api/v1/collections/:id/members', all],
  ['POST /api/v1/collections/:id/members', changers],
  ['POST /api/v1/collections/:id/update', changers],
  ['POST /api/v1/collections/update', changers],
  ['POST /api/v1/collections/preview', changers],
  ['GET /api/v1/query/fields', all],
  ['GET /api/v1/collections/:id/variables', all],
  ['PUT /api/v1/collections/:id/variables/:name', changers],
  ['DELETE /api/v1/collections/:id/variables/:name', changers],

  ['GET /api/v1/images', all],
  ['POST /api/v1/images', authors],
  ['GET /api/v1/boot-images', all],
  ['POST /api/v1/boot-images', authors],
  ['POST /api/v1/boot-images/:id/rebuild', authors],
  ['GET /api/v1/packages', all],
  ['GET /api/v1/packages/:id/manifest', all],
  ['POST /api/v1/packages/uploads', authors],
  ['POST /api/v1/packages/uploads/:id/files', authors],
  ['PUT /api/v1/packages/uploads/:id/objects/:sha256', authors],
  ['POST /api/v1/packages/uploads/:id/commit', authors],
  ['GET /api/v1/content/:prefix/:sha256', all],

  ['GET /api/v1/sequences', all],
  ['POST /api/v1/sequences', authors],
  ['POST /api/v1/sequences/check', changers],
  ['POST /api/v1/sequences/batch', authors],
  ['GET /api/v1/sequences/:id', all],
  ['GET /api/v1/sequences/:id/versions', all],
  ['GET /api/v1/sequences/:id/versions/:version', all],
  ['POST /api/v1/sequences/:id/ready', authors],
  ['DELETE /api/v1/sequences/:id', authors],
  ['POST /api/v1/sequences/:id/simulate', changers],
  ['GET /api/v1/schema/task-sequence.json', all],
  ['POST /api/v1/simulate', changers],

  ['GET /api/v1/deployments', all],
  ['POST /api/v1/deployments', operators],
  ['POST /api/v1/deployments/:id/withdraw', operators],
  ['GET /api/v1/deployment-settings', all],
  ['PUT /api/v1/deployment-settings', administrators],
  ['GET /api/v1/maintenance-windows', all],
  ['POST /api/v1/maintenance-windows', operators],
  ['GET /api/v1/maintenance-windows/:id', all],
  ['PUT /api/v1/maintenance-windows/:id', operators],
  ['DELETE /api/v1/maintenance-windows/:id', operators],
  ['GET /api/v1/devices/:id/maintenance-windows', all],

  ['GET /api/v1/runs', all],
  ['GET /api/v1/runs/:id', all],
  ['GET /api/v1/runs/:id/log', all],
  ['GET /api/v1/run-search', all],
  ['GET /api/v1/reports', all],
  ['GET /api/v1/reports.csv', all],
  ['GET /api/v1/retention', all],
  ['PUT /api/v1/retention', administrators],
  ['GET /api/v1/silences', all],
  ['GET /api/v1/webhooks', auditors],
  ['POST /api/v1/webhooks', administrators],
  ['DELETE /api/v1/webhooks/:id', administrators],
  ['POST /api/v1/webhooks/:id/test', administrators],
  ['POST /api/v1/webhooks/:id/enable', administrators],

  ['GET /api/v1/devices/:id/inventory', all],
  ['GET /api/v1/packages/versions', all],
  ['GET /api/v1/distribution-points', all],
  ['POST /api/v1/distribution-points', administrators],
  ['GET /api/v1/distribution-points/:id', all],
  ['PUT /api/v1/distribution-points/:id', administrators],
  ['DELETE /api/v1/distribution-points/:id', administrators],
  ['PUT /api/v1/distribution-points/:id/packages', administrators],
  ['GET /api/v1/boundary-groups', all],
  ['POST /api/v1/boundary-groups', administrators],
  ['PUT /api/v1/boundary-groups/:id', administrators],
  ['DELETE /api/v1/boundary-groups/:id', administrators],
  ['GET /api/v1/boundary-groups/locate', all],

  ['GET /api/v1/driver-packages', all],
  ['GET /api/v1/drivers', all],
  ['GET /api/v1/drivers/find', all],
  ['GET /api/v1/drivers/missing', all],
  ['GET /api/v1/drivers/coverage', all],
  ['GET /api/v1/drivers/:id', all],
  ['GET /api/v1/applications', all],
  ['POST /api/v1/applications', authors],
  ['GET /api/v1/applications/:id', all],
  ['POST /api/v1/applications/:id/retire', authors],
  ['GET /api/v1/packages/:id/programs', all],
  ['PUT /api/v1/packages/:id/programs', authors],
  ['DELETE /api/v1/packages/:id/programs/:name', authors],
]);

/** The roles that may call a route; undefined for one without a row. */
export function rolesOf(
  matrix: AccessMatrix,
  route: { readonly method: string; readonly path: string },
): readonly PersonRole[] | undefined {
  const method = route.method === 'HEAD' ? 'GET' : route.method;
  return matrix.get(`${method} ${route.path}`);
}
