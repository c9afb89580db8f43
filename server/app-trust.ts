import type { Config } from './config.ts';
import { openProvider, providerConfig } from './oidc/provider.ts';
import { createOidcSignIn } from './oidc/sign-in.ts';
import type { Store } from './store/operations.ts';
import { openBootSigner } from './trust/boot-signing.ts';
import { openOperatorAccess } from './trust/operator-access.ts';
import { openSiteCa } from './trust/site-ca.ts';
import { openSiteSecret } from './trust/site-secret.ts';

/** Opens the keys of the site and the ways that people sign in by. @param addresses of this server's certificate */
export async function openTrust(
  opened: AsyncDisposableStack,
  {
    config,
    store,
    addresses,
    nowMs,
  }: {
    readonly config: Config;
    readonly store: Store;
    readonly addresses: readonly string[];
    readonly nowMs: () => number;
  },
) {
  const data = config.dataDirectory;
  const certificates = await openSiteCa(data, addresses);
  const signer = await openBootSigner(data);
  const secret = await openSiteSecret(data);
  const access = await openOperatorAccess(data, store, { nowMs });
  const keys = { certificates, signer, secret, access };
  const oidcConfig = providerConfig(config.oidc);
  if (oidcConfig === undefined) return { ...keys, oidc: null };
  const provider = await openProvider(oidcConfig, nowMs);
  opened.defer(() => provider[Symbol.asyncDispose]());
  const { people } = access;
  return {
    ...keys,
    oidc: createOidcSignIn({ config: oidcConfig, provider, store, people, nowMs }),
  };
}
