import { readFile } from 'node:fs/promises';
import { OidcError } from '../oidc/oidc-error.ts';
import { askProvider, type ProviderConfig } from '../oidc/provider.ts';
import { openProviderRequests } from '../oidc/provider-fetch.ts';
import type { Finding } from './finding.ts';

/** Tokens are taken with clocks that differ by less than a minute; HTTP's `date` has whole seconds. */
const MOST_APART_MS = 30_000;

/** Asks the OpenID provider what it is, and compares its clock with this one's. Nobody signs in. */
export async function checkProvider(config: ProviderConfig, nowMs: number): Promise<Finding[]> {
  const code = 'doctor.oidc';
  const startedMs = performance.now();
  try {
    if (config.clientSecretFile !== null) await readFile(config.clientSecretFile);
    await using requests = await openProviderRequests(config.caFile, config.timeoutSeconds * 1000);
    let date = '';
    await askProvider(async (url, options) => {
      const answer = await requests.fetch(url, options);
      date = answer.headers.get('date') ?? '';
      return answer;
    }, config);
    const tookMs = performance.now() - startedMs;
    const message = `the OpenID provider ${config.issuer} answers in ${tookMs.toFixed(0)} ms`;
    return [{ level: 'ok', code, message }, clockFinding(date, nowMs + tookMs)];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const hint = error instanceof OidcError ? error.hint : undefined;
    return [
      {
        level: 'problem',
        code,
        message: `nobody can sign in by the OpenID provider: ${message}`,
        hint:
          hint ?? 'oidc.issuer, oidc.caFile and oidc.clientSecretFile in the settings lead to it',
      },
    ];
  }
}

function clockFinding(date: string, nowMs: number): Finding {
  const code = 'doctor.oidc-clock';
  const theirsMs = Date.parse(date);
  if (Number.isNaN(theirsMs))
    return { level: 'ok', code, message: 'the OpenID provider does not tell its time' };
  const apartMs = Math.abs(nowMs - theirsMs);
  const apart = `the clocks of this server and of the OpenID provider are ${Math.round(apartMs / 1000)} s apart`;
  return apartMs <= MOST_APART_MS
    ? { level: 'ok', code, message: apart }
    : {
        level: 'problem',
        code,
        message: apart,
        hint: 'set the one that is wrong: tokens are refused when they seem too old or too new',
      };
}
