/**
 * Where the agents' listeners of a site with several servers are, in a header of each answer: addresses
 * and ports with commas between them, those of the other servers that live. A server without others
 * leaves it out.
 */
export const SERVERS_HEADER = 'metalwright-servers';

const AT_MOST = 16;
/** `10.0.0.2:7443`, `[fd00::2]:7443`, `server-2:7443`. */
const server = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/;

/** The servers of a header's value; what is no server is passed over. */
export function parseServers(value: string): readonly string[] {
  return value
    .split(',')
    .map((text) => text.trim())
    .filter((text) => server.test(text))
    .slice(0, AT_MOST);
}
