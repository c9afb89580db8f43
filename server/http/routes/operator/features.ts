import { z } from 'zod';
import { FeatureSwitch, FeatureView } from '../../api-variables.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';

const Params = z.object({ name: FeatureView.shape.name });
const description =
  'Run Task Sequence: a step that runs another task sequence, with the variables of its parent';

/** GET /features and PUT /features/:name. */
export const featureRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store } = services;

  app.get('/api/v1/features', role('operator'), async () =>
    z.array(FeatureView).parse([await show()]),
  );

  app.put(
    '/api/v1/features/:name',
    { ...role('operator'), schema: { params: Params, body: FeatureSwitch } },
    async (request) => {
      const { enabled } = request.body;
      await store.settings.change({ features: { childSequences: enabled } });
      await recordChange(services, request, {
        action: 'feature.switch',
        detail: { feature: request.params.name, enabled },
        affects: 'view',
      });
      return FeatureView.parse(await show());
    },
  );

  async function show(): Promise<FeatureView> {
    const { features } = await store.settings.get();
    return { name: 'child-sequences', description, enabled: features.childSequences };
  }
};
