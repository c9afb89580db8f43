import { z } from 'zod';
import { DeploymentId } from './identity.ts';
import { BootImageIdentity, Environment } from './policy.ts';

/** File name of the settings beside the agent's program in Windows PE and in an installed Windows. */
export const AGENT_SETTINGS_FILE = 'agent.json';
/** The site CA beside it, PEM. */
export const SITE_CA_FILE = 'site-ca.pem';
/** Where a boot image of Windows PE has program, settings and CA: `X:\Metalwright`. */
export const PE_FOLDER = 'Metalwright';
/** Where an installed Windows has them: `C:\Windows\Metalwright`. */
export const OS_FOLDER = 'Windows\\Metalwright';
/** Program file in both. */
export const AGENT_PROGRAM = 'metalwright-agent.exe';

/**
 * Settings of an agent that no bootstrap starts (Windows PE, an installed Windows), as `agent.json`. Nothing
 * of it is secret: anyone on the wire reads a boot image. Unknown names are ignored.
 */
export const AgentSettings = z.object({
  /** Address and port of the agents' listener, `10.0.0.1:7443`. */
  server: z.string().regex(/^\S+:\d+$/),
  /** Agents' listeners of other servers of the site, asked when that one does not answer. */
  servers: z.array(z.string()).optional(),
  /** Base URL of plain boot files and content of the same server. */
  bootBase: z.url().optional(),
  environment: Environment,
  /** The boot image of Windows PE that this is in; what an older server made does not say it. */
  inBootImage: BootImageIdentity.optional(),
  /** Deployment that machines started from this are to start, before required ones: for unattended media. */
  preferredDeployment: DeploymentId.optional(),
  /** Driver folders of the boot image to be loaded at start, in this order, `Drivers\1-rst`. */
  drivers: z.array(z.string()).default([]),
});
export type AgentSettings = z.infer<typeof AgentSettings>;
