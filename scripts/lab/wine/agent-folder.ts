import { constants, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AGENT_PROGRAM,
  AGENT_SETTINGS_FILE,
  type AgentSettings,
  SITE_CA_FILE,
} from '#agent/protocol/agent-settings.ts';
import type { Environment } from '#agent/protocol/policy.ts';
import { SERVER_ADDRESS } from '../namespace.ts';

/** As a boot image has it: the program, its settings and the CA beside it. */
export async function layAgent(folder: string, built: string, siteCa: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await cp(join(built, AGENT_PROGRAM), join(folder, AGENT_PROGRAM), {
    mode: constants.COPYFILE_FICLONE,
  });
  await cp(siteCa, join(folder, SITE_CA_FILE));
}

/** The settings that a boot image has for it. */
export async function writeSettings(folder: string, environment: Environment): Promise<void> {
  const settings: AgentSettings = {
    server: `${SERVER_ADDRESS}:7443`,
    bootBase: `http://${SERVER_ADDRESS}:7480`,
    environment,
    drivers: [],
  };
  await writeFile(join(folder, AGENT_SETTINGS_FILE), JSON.stringify(settings));
}
