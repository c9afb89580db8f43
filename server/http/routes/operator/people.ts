import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Person, ProviderAccount } from '../../../store/people.ts';
import { PasswordSet, PersonChange, PersonCreate, PersonView } from '../../api-people.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { refuseTokens } from './authorize.ts';
import { notFound } from './not-found.ts';
import { providerOff } from './sign-in.ts';

const Params = z.object({ id: z.string().max(256) });

/** /people: accounts. A password goes in and stands in no answer and no audit entry. */
export const peopleRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, access, oidc, nowMs } = services;

  app.get('/api/v1/people', role('operator'), async () =>
    z.array(PersonView).parse(await store.people.list()),
  );

  app.get(
    '/api/v1/people/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request) => PersonView.parse(await find(request.params.id)),
  );

  app.post(
    '/api/v1/people',
    { ...role('operator'), schema: { body: PersonCreate } },
    async (request) => {
      refuseTokens(request);
      const { name, role: wanted, password, subject } = request.body;
      const person = await store.people.add({
        id: randomUUID(),
        name,
        role: wanted,
        passwordHash: password === undefined ? '' : await access.people.hashNew(password, name),
        provider: subject === undefined ? undefined : accountOf(subject),
        nowMs: nowMs(),
      });
      await recordChange(services, request, {
        action: 'person.add',
        detail: { person: person.id, name: person.name, ...brief(person) },
        affects: 'view',
      });
      return PersonView.parse(person);
    },
  );

  app.put(
    '/api/v1/people/:id',
    { ...role('operator'), schema: { params: Params, body: PersonChange } },
    async (request) => {
      refuseTokens(request);
      const { id } = await find(request.params.id);
      const { subject, ...rest } = request.body;
      const provider = subject === undefined || subject === null ? subject : accountOf(subject);
      const { before, after } = await store.people.change(id, { ...rest, provider });
      await recordChange(services, request, {
        action: 'person.change',
        detail: { person: id, name: after.name, before: brief(before), after: brief(after) },
        affects: 'view',
      });
      return PersonView.parse(after);
    },
  );

  app.put(
    '/api/v1/people/:id/password',
    { ...role('operator'), schema: { params: Params, body: PasswordSet } },
    async (request, reply) => {
      refuseTokens(request);
      const { id, name } = await find(request.params.id);
      const hash = await access.people.hashNew(request.body.password, name);
      await store.people.setPassword(id, hash);
      await recordChange(services, request, {
        action: 'person.password',
        detail: { person: id, name },
        affects: 'view',
      });
      return reply.status(204).send();
    },
  );

  app.delete(
    '/api/v1/people/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request, reply) => {
      refuseTokens(request);
      const { id } = await find(request.params.id);
      const gone = await store.people.remove(id);
      await recordChange(services, request, {
        action: 'person.remove',
        detail: { person: id, name: gone.name, before: brief(gone) },
        affects: 'view',
      });
      return reply.status(204).send();
    },
  );

  /** @throws {HttpError} `oidc.off` */
  function accountOf(subject: string): ProviderAccount {
    if (oidc !== null) return { issuer: oidc.issuer, subject };
    throw providerOff();
  }

  async function find(wanted: string): Promise<Person> {
    const found = await store.people.find(wanted);
    if (found !== null) return found;
    const names = (await store.people.list()).map(({ name }) => name);
    throw notFound(wanted, { what: 'account', code: 'person', names });
  }
};

function brief({ role: own, disabled, issuer, subject }: Person) {
  return { role: own, disabled, ...(issuer === null ? {} : { issuer, subject }) };
}
