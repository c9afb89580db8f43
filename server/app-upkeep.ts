import type { Logger } from 'winston';
import type { Sha256 } from '#agent/protocol/identity.ts';
import type { Config } from './config.ts';
import type { ReceivedFiles } from './content/received-files.ts';
import type { Intake } from './content/take-in.ts';
import { startRetentionSweep } from './retention-sweep.ts';
import { startSilenceKeeper } from './silence-keeper.ts';
import type { Store } from './store/operations.ts';
import { startUploadSweep } from './upload-sweep.ts';
import { startDelivery } from './webhooks/delivery-loop.ts';

/** What a server does by itself beside answering: takes old things away, keeps silences, delivers webhooks. */
export async function startUpkeep(
  opened: AsyncDisposableStack,
  {
    store,
    intake,
    received,
    kept,
    config,
    variableKey,
    log,
    nowMs,
  }: {
    readonly store: Store;
    readonly intake: Intake;
    readonly received: Pick<ReceivedFiles, 'sweep'>;
    /** Objects that no package has, and that stay all the same: the agents. */
    readonly kept: readonly Sha256[];
    readonly config: Config;
    readonly variableKey: Uint8Array;
    readonly log: Logger;
    readonly nowMs: () => number;
  },
): Promise<{ readonly silences: ReturnType<typeof startSilenceKeeper> }> {
  const sweep = startUploadSweep({ store, intake, received, keep: new Set(kept), nowMs }, (error) =>
    log.error('uploads that were left cannot be taken away', { error }),
  );
  opened.defer(() => sweep.close());
  const retention = startRetentionSweep({ store, nowMs }, (error) =>
    log.error('what is older than it is kept cannot be taken away', { error }),
  );
  opened.defer(() => retention.close());
  const silences = startSilenceKeeper(store, (error) =>
    log.error('why network boots were not answered cannot be kept', { error }),
  );
  opened.defer(() => silences.close());
  await store.webhooks.sealUrls(variableKey);
  if (config.webhooks.deliver) {
    const delivery = startDelivery({
      store,
      variableKey: variableKey,
      allowLocal: config.webhooks.allowLocal,
      nowMs,
      onDisabled: (url, reason) =>
        log.warn('a webhook failed for a week, it is off', { url, reason }),
      onError: (error) => log.error('webhooks cannot be delivered', { error }),
    });
    opened.defer(() => delivery.close());
  }
  return { silences };
}
