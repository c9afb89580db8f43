import { readVersion } from '../../../version.ts';
import { StatusView } from '../../api.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { netbootSettings } from './netboot.ts';

/** GET /status. */
export const statusRoutes: RouteFile<OperatorServices> = (app, { store, live }) => {
  app.get('/api/v1/status', role('operator'), async () => {
    const site = await store.settings.get();
    return StatusView.parse({
      version: readVersion(),
      netboot: netbootSettings(site),
      interfaces: live.interfaces(),
      listeners: live.listeners(),
      heardServers: live.heardServers(),
      bootImages: live.bootImages(),
    });
  });
};
