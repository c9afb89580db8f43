import { siteAccountNames } from '#agent/protocol/step-secrets.ts';
import type { DocumentNode, SiteAccountKind } from './site-account.ts';

/** A case that needs an account although the site hands out certificates and tokens of its own. */
export interface AccountCase {
  /** As Configuration Manager's documentation names it. */
  readonly case: string;
  /** What it is refused with while the account is missing; null: it needs none here. */
  readonly code: string | null;
  /** The kind of account; null: none helps, or none is needed. */
  readonly needs: SiteAccountKind | null;
  /** How it is here. */
  readonly here: string;
}

/**
 * The cases that still need an account (M40). All else reaches content over HTTP by names that only a granted
 * manifest tells, checked by their hashes, and the server by certificates and tokens of the site.
 */
export const accountCases: readonly AccountCase[] = [
  {
    case: "content straight from a distribution point's share",
    code: 'account.content-share',
    needs: 'network-access',
    here: 'A distribution point that is a share is read with a network access account; without one no machine is sent there. Connect To Network Folder names an account of its own.',
  },
  {
    case: 'Apply Operating System Image straight from the distribution point',
    code: 'account.content',
    needs: 'network-access',
    here: 'It is streamed over HTTP; only a distribution point that asks for an account needs one.',
  },
  {
    case: 'state store when the computer account fails',
    code: 'account.state-store',
    needs: 'network-access',
    here: 'Request State Store with its setting for the network access account.',
  },
  {
    case: 'another, untrusted domain or forest',
    code: 'account.untrusted-domain',
    needs: 'domain-join',
    here: 'Connect To Network Folder and Join Domain or Workgroup name an account that the other domain knows.',
  },
  {
    case: 'run another program first',
    code: null,
    needs: null,
    here: 'Such a program is a step of its own here, and its content comes as that of all others.',
  },
  {
    case: 'multicast',
    code: 'content.multicast',
    needs: null,
    here: 'There is none: each machine reads over HTTP for itself. A deployment that asks for it is refused.',
  },
];

/** An account that a document needs and the site has not. */
export interface MissingAccount {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** Whether the run cannot go well without it; else the share may be open to all. */
  readonly refuses: boolean;
}

/** Which accounts a pinned document needs that the site has not, in the order of its steps. */
export function missingAccounts(
  document: DocumentNode,
  accounts: readonly { readonly name: string; readonly kind: SiteAccountKind }[],
): MissingAccount[] {
  const names = new Set(accounts.map(({ name }) => name.toLowerCase()));
  const hasNetworkAccess = accounts.some(({ kind }) => kind === 'network-access');
  const missing: MissingAccount[] = [];
  const look = (node: DocumentNode, path: string): void => {
    if (node.disabled === true) return;
    for (const name of siteAccountNames(node.params))
      if (!names.has(name.toLowerCase())) missing.push(missingNamed(node, path, name));
    if (node.type === 'request-state-store' && isOn(node.params, 'useNetworkAccount'))
      if (!hasNetworkAccess)
        missing.push({
          code: 'account.state-store',
          message: `Step ${path} falls back to the network access account, and the site has none`,
          hint: 'metalwright account add <name> --kind network-access --user <user>, or take the setting out',
          refuses: true,
        });
    if (node.type === 'connect-network-folder' && !hasKey(node.params, 'account'))
      missing.push({
        code: 'account.content-share',
        message: `Step ${path} connects a share without an account`,
        hint: 'Unless the share is open to all, name one: account: {user: "account:<name>"}',
        refuses: false,
      });
    node.steps?.forEach((step, place) => look(step, path === '' ? `${place}` : `${path}/${place}`));
  };
  look(document, '');
  return missing;
}

const joinsDomain: ReadonlySet<string> = new Set(['join-domain', 'apply-network-settings']);

/** A machine in Windows PE or a workgroup is trusted by no domain: it is joined by an account that the domain knows. */
function missingNamed(
  { type = '', params }: DocumentNode,
  path: string,
  name: string,
): MissingAccount {
  const domain: unknown =
    typeof params === 'object' && params !== null ? Reflect.get(params, 'domain') : undefined;
  const isJoin = joinsDomain.has(type) && typeof domain === 'string';
  const kind = isJoin ? 'domain-join' : '<kind>';
  return {
    code: isJoin ? 'account.untrusted-domain' : 'account.not-found',
    message: isJoin
      ? `Step ${path} joins the domain ${domain}, which trusts nobody here, with the account ${name}, and the site has none of that name`
      : `Step ${path} works with the account ${name}, and the site has none of that name`,
    hint: `metalwright account add ${JSON.stringify(name)} --kind ${kind} --user <user>`,
    refuses: true,
  };
}

function hasKey(params: unknown, key: string): boolean {
  return typeof params === 'object' && params !== null && key in params;
}

function isOn(params: unknown, key: string): boolean {
  const value: unknown =
    typeof params === 'object' && params !== null ? Reflect.get(params, key) : undefined;
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
}
