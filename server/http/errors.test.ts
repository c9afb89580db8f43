import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { StoreError } from '../store/error.ts';
import { answerErrors, HttpError } from './errors.ts';

it('says when to try again where that helps, and only there', async () => {
  const app = Fastify();
  answerErrors(app);
  const errors = {
    busy: new StoreError('store.busy', 'Another process holds the database'),
    full: new StoreError('store.full', 'The disk is full'),
    unreachable: new StoreError('store.unreachable', 'The database is away'),
    wrong: new HttpError(400, 'request.invalid', 'No'),
    broken: new StoreError('store.corrupt', 'The database is damaged'),
  };
  for (const [name, error] of Object.entries(errors))
    app.get(`/${name}`, () => {
      throw error;
    });
  app.get('/throttled', (_request, reply) => {
    reply.header('retry-after', 77);
    throw new HttpError(503, 'session.busy', 'Wait');
  });
  const told = async (name: string) => {
    const { statusCode, headers } = await app.inject(`/${name}`);
    return [statusCode, headers['retry-after']];
  };
  expect(await told('busy')).toEqual([503, '2']);
  expect(await told('full')).toEqual([507, '10']);
  expect(await told('unreachable')).toEqual([503, '2']);
  expect(await told('wrong')).toEqual([400, undefined]);
  expect(await told('broken')).toEqual([500, undefined]);
  expect(await told('throttled')).toEqual([503, '77']);
  await app.close();
});
