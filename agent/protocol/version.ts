/**
 * Version of the messages in this folder. The server answers an agent of an older version as long
 * as it is not below `OLDEST_PROTOCOL`; a newer agent is refused with `protocol.version`, since a run
 * never changes its agent and a boot image fetches the agent that this server serves.
 */
export const PROTOCOL_VERSION = 1;
export const OLDEST_PROTOCOL = 1;

/** Header with the agent's `PROTOCOL_VERSION`, sent with each request. */
export const PROTOCOL_HEADER = 'metalwright-protocol';
