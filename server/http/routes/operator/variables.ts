import { z } from 'zod';
import type { VariableOwner } from '../../../store/variables.ts';
import { VariableSet, VariableView } from '../../api-variables.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { notFound } from './not-found.ts';

const Owner = z.object({ id: z.string().max(256) });
const Params = Owner.extend({ name: z.string().max(256) });

/**
 * GET /collections/:id/variables, PUT and DELETE /collections/:id/variables/:name; the same of
 * /devices/:id. Values stand in no answer to a change and in no audit entry.
 */
export const variableRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, variableKey } = services;

  for (const kind of ['collection', 'device'] as const) {
    const base = `/api/v1/${kind}s/:id/variables`;

    app.get(base, { ...role('operator'), schema: { params: Owner } }, async (request) => {
      const { owner } = await find(kind, request.params.id);
      return z.array(VariableView).parse(await store.variables.list(owner));
    });

    app.put(
      `${base}/:name`,
      { ...role('operator'), schema: { params: Params, body: VariableSet } },
      async (request) => {
        const { owner, name } = await find(kind, request.params.id);
        const wish = { name: request.params.name, ...request.body };
        const made = await store.variables.set(owner, wish, variableKey);
        await recordChange(services, request, {
          action: 'variable.set',
          detail: { [kind]: owner.id, name, variable: made.name, secret: made.secret },
          affects: 'view',
        });
        return VariableView.parse(made);
      },
    );

    app.delete(
      `${base}/:name`,
      { ...role('operator'), schema: { params: Params } },
      async (request, reply) => {
        const { owner, name } = await find(kind, request.params.id);
        const variable = request.params.name.trim();
        await store.variables.remove(owner, variable);
        await recordChange(services, request, {
          action: 'variable.delete',
          detail: { [kind]: owner.id, name, variable },
          affects: 'view',
        });
        return reply.status(204).send();
      },
    );
  }

  async function find(
    kind: VariableOwner['kind'],
    wanted: string,
  ): Promise<{ readonly owner: VariableOwner; readonly name: string }> {
    if (kind === 'collection') {
      const found = await store.collections.find(wanted);
      if (found !== null) return { owner: { kind, id: found.id }, name: found.name };
    } else {
      const found = await store.devices.find(wanted);
      if (found !== null) return { owner: { kind, id: found.id }, name: found.name };
    }
    const all = await (kind === 'collection' ? store.collections.list() : store.devices.list());
    throw notFound(wanted, { what: kind, code: kind, names: all.map(({ name }) => name) });
  }
};
