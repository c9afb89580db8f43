import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { placeOfUrl, shownUrl } from '../../../inventory/webhook.ts';
import { sealValue } from '../../../trust/variable-seal.ts';
import { placeOfSecret } from '../../../webhooks/deliver.ts';
import { WebhookMade, WebhookRequest, WebhookView } from '../../api-webhooks.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';

const Params = z.object({ id: z.uuid() });

/** GET and POST /webhooks; DELETE /webhooks/:id; POST /webhooks/:id/test and /enable. */
export const webhookRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, variableKey, nowMs } = services;

  app.get('/api/v1/webhooks', role('operator'), async () =>
    z.array(WebhookView).parse(await store.webhooks.list()),
  );

  app.post(
    '/api/v1/webhooks',
    { ...role('operator'), schema: { body: WebhookRequest } },
    async (request) => {
      const { url, events, secret = randomBytes(32).toString('base64url') } = request.body;
      const id = randomUUID();
      const sealedSecret = sealValue(variableKey, placeOfSecret(id), secret);
      const sealedUrl = sealValue(variableKey, placeOfUrl(id), url);
      const shown = shownUrl(url);
      const wish = { id, url: shown, sealedUrl, events, sealedSecret };
      const made = await store.webhooks.add(wish, nowMs());
      await recordChange(services, request, {
        action: 'webhook.add',
        detail: { id, url: shown, events },
        affects: 'view',
      });
      return WebhookMade.parse({ ...made, secret });
    },
  );

  app.delete(
    '/api/v1/webhooks/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request, reply) => {
      const { id } = request.params;
      await store.webhooks.remove(id);
      await recordChange(services, request, {
        action: 'webhook.remove',
        detail: { id },
        affects: 'view',
      });
      return reply.status(204).send();
    },
  );

  app.post(
    '/api/v1/webhooks/:id/test',
    { ...role('operator'), schema: { params: Params } },
    async (request, reply) => {
      const { id } = request.params;
      await store.webhooks.test(id, nowMs());
      await recordChange(services, request, {
        action: 'webhook.test',
        detail: { id },
        affects: 'view',
      });
      return reply.status(204).send();
    },
  );

  app.post(
    '/api/v1/webhooks/:id/enable',
    { ...role('operator'), schema: { params: Params } },
    async (request) => {
      const { id } = request.params;
      const enabled = await store.webhooks.enable(id, nowMs());
      await recordChange(services, request, {
        action: 'webhook.enable',
        detail: { id },
        affects: 'view',
      });
      return WebhookView.parse(enabled);
    },
  );
};
