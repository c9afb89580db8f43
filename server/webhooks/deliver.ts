import { createHmac } from 'node:crypto';
import { Agent, request } from 'undici';
import { placeOfUrl } from '../inventory/webhook.ts';
import type { Delivery, Webhook } from '../store/webhooks.ts';
import { openValue } from '../trust/variable-seal.ts';
import { findTarget } from './target-address.ts';

const TIMEOUT_MS = 10_000;

/** Where a webhook's secret is sealed for. */
export function placeOfSecret(id: string): { readonly owner: string; readonly name: string } {
  return { owner: `webhook:${id}`, name: 'secret' };
}

/** `t=<seconds>,v1=<HMAC-SHA256 of "seconds.body", hex>`: who checks the time too is safe from replays. */
function formatSignature(body: string, secret: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000);
  const sum = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${sum}`;
}

/** Sends one; answers why it did not arrive, or null. Redirects are failures: they could lead anywhere. */
export async function deliver(
  { id, event, bodyJson, webhook }: Delivery & { readonly webhook: Webhook },
  settings: {
    readonly variableKey: Uint8Array;
    readonly allowLocal: boolean;
    readonly nowMs: number;
  },
): Promise<string | null> {
  try {
    const { sealedUrl } = webhook;
    const url = new URL(
      // A server of before may have added it since this one started.
      sealedUrl === ''
        ? webhook.url
        : openValue(settings.variableKey, placeOfUrl(webhook.id), sealedUrl),
    );
    const target = await findTarget(url.hostname, settings);
    if (target.kind === 'refused') return target.reason;
    const { address, family } = target;
    const secret = openValue(settings.variableKey, placeOfSecret(webhook.id), webhook.sealedSecret);
    await using dispatcher = disposable(
      new Agent({
        connect: {
          timeout: TIMEOUT_MS,
          lookup: (_host, options, done) =>
            options.all === true ? done(null, [{ address, family }]) : done(null, address, family),
        },
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
      }),
    );
    const answer = await request(url, {
      method: 'POST',
      dispatcher: dispatcher.agent,
      signal: AbortSignal.timeout(2 * TIMEOUT_MS),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'metalwright',
        'metalwright-event': event,
        'metalwright-delivery': id,
        'metalwright-signature': formatSignature(bodyJson, secret, settings.nowMs),
      },
      body: bodyJson,
    });
    await answer.body.dump({ limit: 64 * 1024 });
    const { statusCode } = answer;
    return statusCode >= 200 && statusCode < 300 ? null : `it answered ${statusCode}`;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return `it was not reached: ${code || (error instanceof Error ? error.message : String(error))}`;
  }
}

function disposable(agent: Agent): AsyncDisposable & { readonly agent: Agent } {
  return { agent, [Symbol.asyncDispose]: async () => agent.destroy() };
}
