import type { ErrorProblem } from '#agent/protocol/error.ts';
import type { Deployment } from './deployment.ts';
import { InventoryError } from './error.ts';
import type { SiteDeployments } from './site-deployments.ts';

/** Warnings of a high-risk deployment that an operator accepts by their codes. */
export const riskWarnings = ['size', 'servers'] as const;
export type RiskWarning = (typeof riskWarnings)[number];

/** What a high-risk deployment is held against. */
export interface RiskFacts {
  readonly purpose: Deployment['purpose'];
  /** Steps of its task sequence, and of its children, that write disks or systems. */
  readonly risky: readonly string[];
  readonly collectionName: string;
  /** Members of the collection now; it is not looked at again when it grows. */
  readonly size: number;
  /** Names of members that are servers of the site. */
  readonly servers: readonly string[];
}

/**
 * Limits of a required deployment that writes disks or systems (M18). @returns the warnings that were to be
 * accepted, and were
 * @throws {InventoryError} `deployment.too-large`, `deployment.unhide`, `deployment.servers`,
 *   `deployment.warnings` with each that is not accepted
 */
export function checkHighRisk(
  { purpose, risky, collectionName, size, servers }: RiskFacts,
  site: Pick<SiteDeployments, 'defaultSize' | 'maximumSize' | 'servers'>,
  by: { readonly unhide: boolean; readonly accepts: readonly RiskWarning[] },
): readonly RiskWarning[] {
  const [step] = risky;
  if (purpose !== 'required' || step === undefined) return [];
  const what = `A required deployment with the step "${step}"`;
  const members = `"${collectionName}" has ${size} members`;
  const { defaultSize, maximumSize } = site;
  if (maximumSize > 0 && size > maximumSize)
    throw new InventoryError(
      'deployment.too-large',
      `${what} is refused: ${members}, and the site allows ${maximumSize}`,
      { hint: 'Deploy to a smaller collection.' },
    );
  const isLarge = defaultSize > 0 && size > defaultSize;
  if (isLarge && !by.unhide)
    throw new InventoryError(
      'deployment.unhide',
      `${what} is for collections of at most ${defaultSize} members: ${members}`,
      { hint: 'Deploy to a smaller collection, or unhide larger ones (unhide, --unhide).' },
    );
  if (servers.length > 0 && site.servers === 'block')
    throw new InventoryError(
      'deployment.servers',
      `${what} is refused: servers of the site are in "${collectionName}": ${servers.join(', ')}`,
      { hint: 'Take them out of the collection.' },
    );
  const warnings: (ErrorProblem & { readonly code: RiskWarning })[] = [
    ...(isLarge
      ? [{ code: 'size' as const, message: `${members}, more than ${defaultSize}` }]
      : []),
    ...(servers.length > 0
      ? [
          {
            code: 'servers' as const,
            message: `Servers of the site are in it: ${servers.join(', ')}`,
          },
        ]
      : []),
  ];
  const open = warnings.filter(({ code }) => !by.accepts.includes(code));
  if (open.length > 0)
    throw new InventoryError(
      'deployment.warnings',
      `${what} has warnings to accept: ${open.map(({ code, message }) => `${message} (${code})`).join('; ')}`,
      {
        problems: open,
        hint: `Accept each by its code: ${open.map(({ code }) => `--accept ${code}`).join(' ')}`,
      },
    );
  return warnings.map(({ code }) => code);
}
