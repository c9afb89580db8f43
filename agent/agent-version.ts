/** Version of the agent, as the server and a run's first event have it: that of package.json. */
export const AGENT_VERSION = '0.1.0';
