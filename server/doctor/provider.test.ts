import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { OidcConfig } from '../oidc/oidc-config.ts';
import { type ProviderConfig, providerConfig } from '../oidc/provider.ts';
import { openTestProvider } from '../oidc/testing/test-provider.ts';
import { openSiteCa } from '../trust/site-ca.ts';
import { checkProvider } from './provider.ts';

async function setUp(settings: Record<string, unknown> = {}): Promise<ProviderConfig> {
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-doctor-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const { serverKey, serverCertificate } = await openSiteCa(directory, []);
  const tls = { key: serverKey, cert: serverCertificate };
  const provider = await openTestProvider({ tls, nowMs: Date.now });
  onTestFinished(() => provider[Symbol.asyncDispose]());
  const config = providerConfig(
    OidcConfig.parse({
      issuer: provider.issuer,
      clientId: provider.clientId,
      consoleUrl: 'https://console.example',
      caFile: join(directory, 'site-ca.pem'),
      defaultRole: 'auditor',
      ...settings,
    }),
  );
  if (config === undefined) throw new Error('no provider');
  return config;
}

const brief = async (config: ProviderConfig, nowMs = Date.now()) =>
  (await checkProvider(config, nowMs)).map(({ level, code }) => `${code} ${level}`);

it('finds a provider that answers, and compares its clock', async () => {
  const config = await setUp();
  expect(await brief(config)).toEqual(['doctor.oidc ok', 'doctor.oidc-clock ok']);
  const fast = await brief(config, Date.now() + 90_000);
  expect(fast).toEqual(['doctor.oidc ok', 'doctor.oidc-clock problem']);
});

it.each([
  ['an issuer of another form', { issuer: 'https://127.0.0.1:9/' }],
  ['a CA that is not its own', { caFile: null }],
  ['a secret that cannot be read', { clientSecretFile: '/no/such/file' }],
])('tells %s as a problem, with what to do', async (_name, settings) => {
  const findings = await checkProvider(await setUp(settings), Date.now());
  expect(findings).toEqual([
    expect.objectContaining({ level: 'problem', code: 'doctor.oidc', hint: expect.any(String) }),
  ]);
});
