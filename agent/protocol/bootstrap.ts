/**
 * The bootstrap protocol, frozen: a boot image made today must be served by every later server.
 *
 * The bootstrap in a boot image does, over TLS with the site CA of the image pinned:
 *
 *     GET /bootstrap/v1/hello?arch=x64&env=linux-pe
 *
 * and is answered 200 with lines of `key SP value LF`, in any order; unknown keys are ignored:
 *
 *     agent-sha256 <64 hex digits>     hash of the object below, as it travels
 *     agent-path /content/ab/ab12…     below the agents' base URL (TLS) and the boot base URL (plain)
 *     agent-size 34000000              bytes
 *     agent-compression zstd           how the object is packed: `zstd` or `none`
 *     server-time-ms 1780000000000
 *
 * With `&part=service` it is asked for the Windows service that starts the agent, which is answered with
 * `agent-part service` as well; a server that does not know of parts leaves that line out.
 *
 * It fetches the object, checks its SHA-256, unpacks it, and runs it with the settings of the image
 * (`METALWRIGHT_*`, below). An error is any other status, with a text body for the screen.
 */
export const HELLO_PATH = '/bootstrap/v1/hello';

/**
 * Name in the server's certificate, whatever its address: the agents' listener is reached by address
 * and verified by this name and the pinned site CA (TLS SNI; `curl --connect-to`). `.invalid`
 * (RFC 2606) is resolved by nobody.
 */
export const SITE_SERVER_NAME = 'agents.metalwright.invalid';

/** Settings the bootstrap hands to the agent as environment variables. */
export const bootstrapEnvironment = {
  /** Address and port of the agents' listener, `10.0.0.1:7443`. */
  server: 'METALWRIGHT_SERVER',
  /** Those of other servers of the site, commas between; missing where there are none. */
  servers: 'METALWRIGHT_SERVERS',
  /** Base URL of plain boot files and content on the same server, `http://10.0.0.1:7480`. */
  bootBase: 'METALWRIGHT_BOOT_BASE',
  /** Path of a file with the site CA, PEM. */
  siteCa: 'METALWRIGHT_SITE_CA',
  /** `linux-pe`, `winpe` or `full-os`. */
  environment: 'METALWRIGHT_ENVIRONMENT',
  /** MAC address of the NIC that booted, when the loader knows it. */
  bootMac: 'METALWRIGHT_BOOT_MAC',
} as const;
