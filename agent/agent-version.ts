/**
 * Version of the agent, as the server and a run's first event have it. The build puts package and
 * contents in (scripts/agent-build/bundle.ts); run from its sources it is `0.1.0+sources`.
 */
export const AGENT_VERSION: string = process.env['METALWRIGHT_AGENT_VERSION'] ?? '0.1.0+sources';
