import { AgentError } from '../agent-error.ts';
import type { SessionParts } from '../driver/session-parts.ts';
import { chooseOffer } from '../menu/choose.ts';
import type { Offer, Policy, RunRequest } from '../protocol/policy.ts';
import { answersTo, runPrestart } from './answers.ts';
import type { ByHand } from './options.ts';

/**
 * Which of the offers is started, with what answers; undefined where the person went back.
 * @throws {AgentError} `agent.not-offered`, `agent.answers`, `agent.prestart`
 */
export async function chooseByHand(
  { offers, start, asks = [] }: Extract<Policy, { kind: 'offers' }>,
  byHand: ByHand,
  parts: Pick<SessionParts, 'machine' | 'serveVariables' | 'log' | 'terminals'>,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly request: Omit<RunRequest, 'runId'> } | undefined> {
  const { terminals } = parts;
  const canAsk = process.stdin.isTTY;
  const wanted = byHand.deployment ?? start;
  const named = offers.find(({ deploymentId }) => deploymentId === wanted);
  if (named === undefined && byHand.deployment !== undefined)
    throw new AgentError(
      'agent.not-offered',
      `The deployment ${byHand.deployment} is not offered to this computer`,
      `Offered are ${listOf(offers)}`,
    );
  if (named === undefined && offers.length > 1 && !canAsk)
    throw new AgentError(
      'agent.not-offered',
      `${offers.length} deployments are offered, and there is no terminal to ask at`,
      `Say which by --deployment: ${listOf(offers)}`,
    );
  const offer =
    named ?? (offers.length === 1 ? offers[0] : await chooseOffer(terminals, offers, { signal }));
  if (offer === undefined) return undefined;
  const said = await runPrestart(byHand, parts, signal);
  const variables = await answersTo(asks, said, { terminals, canAsk }, signal);
  if (variables === undefined) return undefined;
  const { deploymentId, name } = offer;
  const given = variables.filter(({ value }) => value !== '');
  return { name, request: { deploymentId, ...(given.length === 0 ? {} : { variables: given }) } };
}

function listOf(offers: readonly Offer[]): string {
  return offers.map(({ deploymentId, name }) => `${deploymentId} "${name}"`).join(', ');
}
