import { z } from 'zod';
import { createSequenceReader } from '../../../sequence-reader/reader.ts';
import type { SequenceHead } from '../../../store/sequences.ts';
import { SequenceAdd, SequenceView } from '../../api.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';

/** A document may have 2 MiB of text (as Configuration Manager's limit), which JSON can double. */
const BODY_LIMIT = 5 * 1024 * 1024;

/** GET and POST /sequences. A sequence with problems is kept, and says so: it cannot be deployed. */
export const sequenceRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, nowMs } = services;
  const reader = createSequenceReader();
  app.addHook('onClose', () => reader.close());

  app.get('/api/v1/sequences', role('operator'), async () => {
    const views: SequenceView[] = [];
    for (const each of await store.sequences.list()) views.push(await toView(each));
    return z.array(SequenceView).parse(views);
  });

  app.post(
    '/api/v1/sequences',
    { ...role('operator'), schema: { body: SequenceAdd }, bodyLimit: BODY_LIMIT },
    async (request) => {
      const { text, format } = request.body;
      const document = await reader.read(text);
      const stored = await store.sequences.add({ ...document, source: { text, format } }, nowMs());
      await recordChange(services, request, {
        action: 'sequence.add',
        detail: { sequence: stored.id, name: stored.name, version: stored.version },
        affects: 'boot',
      });
      return SequenceView.parse(await toView(stored));
    },
  );

  /** What is wrong with it is found out in the store's worker: with its children it can be large. */
  async function toView(sequence: SequenceHead): Promise<SequenceView> {
    const { id, name, description, version, disabled, createdMs } = sequence;
    const problems = [...(await store.sequences.problems(id))];
    return { id, name, description, version, disabled, createdMs, problems };
  }
};
