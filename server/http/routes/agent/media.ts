import type { Device } from '../../../inventory/device.ts';
import { mediaRefusal } from '../../../media/media-refusal.ts';
import type { AgentSession } from '../../../store/agents.ts';
import type { Store } from '../../../store/operations.ts';

/** Why media begin no run on a machine that was started from them; undefined where they do, or it was from none. */
export async function refusalOfMedia(
  store: Pick<Store, 'media'>,
  { media, device }: Pick<AgentSession, 'media'> & { readonly device: Device | null },
  nowMs: number,
): Promise<ReturnType<typeof mediaRefusal>> {
  if (media === null) return undefined;
  const isKnown = device?.state === 'known' || device?.state === 'approved';
  return mediaRefusal(await store.media.find(media), { nowMs, isKnown });
}
