import { SiteDeployments } from '../../../inventory/site-deployments.ts';
import { SiteDeploymentsChange } from '../../api-deployment-settings.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';

/** GET and PUT /deployment-settings: what holds for all deployments of the site. */
export const deploymentSettingsRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store } = services;

  app.get('/api/v1/deployment-settings', role('operator'), async () => {
    return (await store.settings.get()).deployments;
  });

  app.put(
    '/api/v1/deployment-settings',
    { ...role('operator'), schema: { body: SiteDeploymentsChange } },
    async (request) => {
      const { deployments: before } = await store.settings.get();
      const given = Object.entries(request.body).filter(([, value]) => value !== undefined);
      const wish = SiteDeployments.parse({ ...before, ...Object.fromEntries(given) });
      const { deployments } = await store.settings.change({ deployments: wish });
      await recordChange(services, request, {
        action: 'deployment.settings',
        detail: { ...deployments },
        affects: 'boot',
      });
      return deployments;
    },
  );
};
