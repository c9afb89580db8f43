import { z } from 'zod';
import { formatTaskSequence } from '#agent/sequence/format.ts';
import { steps } from '#agent/steps/index.ts';
import type { NamedPackage } from '../../../inventory/pin.ts';
import { readSequenceText } from '../../../sequence-text.ts';
import type { Sequence } from '../../../store/sequences.ts';
import { SequenceAdd, SequenceView } from '../../api.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { sequenceProblems } from './sequence-problems.ts';

/** A document may have 2 MiB of text (as Configuration Manager's limit), which JSON can double. */
const BODY_LIMIT = 5 * 1024 * 1024;

/** GET and POST /sequences. A sequence with problems is kept, and says so: it cannot be deployed. */
export const sequenceRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, nowMs } = services;

  app.get('/api/v1/sequences', role('operator'), async () => {
    const [sequences, packages] = await Promise.all([
      store.sequences.list(),
      store.packages.index(),
    ]);
    return z.array(SequenceView).parse(sequences.map((each) => toView(each, packages)));
  });

  app.post(
    '/api/v1/sequences',
    { ...role('operator'), schema: { body: SequenceAdd }, bodyLimit: BODY_LIMIT },
    async (request) => {
      const { text, format } = request.body;
      const { sequence } = readSequenceText(text, steps);
      const stored = await store.sequences.add(
        {
          name: sequence.name,
          description: sequence.description,
          documentJson: JSON.stringify(formatTaskSequence(sequence)),
          source: { text, format },
        },
        nowMs(),
      );
      await recordChange(services, request, {
        action: 'sequence.add',
        detail: { sequence: stored.id, name: stored.name, version: stored.version },
        affects: 'boot',
      });
      return SequenceView.parse(toView(stored, await store.packages.index()));
    },
  );
};

function toView(sequence: Sequence, packages: readonly NamedPackage[]): SequenceView {
  const { id, name, description, version, createdMs, documentJson } = sequence;
  const problems = [...sequenceProblems(documentJson, packages)];
  return { id, name, description, version, createdMs, problems };
}
