import { z } from 'zod';
import { WebhookEvent } from '../inventory/webhook.ts';

/** POST /webhooks. */
export const WebhookRequest = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .refine((text) => !/^https?:\/\/[^/?#]*@/i.test(text), {
      message: 'has a name or password in it: sign with the secret instead',
    }),
  events: z.array(WebhookEvent).min(1).max(20),
  /** What deliveries are signed with; one is made where none is given. */
  secret: z.string().min(16).max(200).optional(),
});
export type WebhookRequest = z.infer<typeof WebhookRequest>;

/** A webhook; its secret is told once, when it is made. */
export const WebhookView = z.object({
  id: z.string(),
  /** Without what comes after the host: a token may be in it. */
  url: z.string(),
  events: z.array(WebhookEvent),
  state: z.enum(['active', 'disabled']),
  reason: z.string(),
  failingSinceMs: z.int().nullable(),
  createdMs: z.int(),
});
export type WebhookView = z.infer<typeof WebhookView>;

export const WebhookMade = WebhookView.extend({ secret: z.string() });
export type WebhookMade = z.infer<typeof WebhookMade>;
