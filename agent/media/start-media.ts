import type { ServeVariables } from '../driver/run-step.ts';
import type { RunLog } from '../log/run-log.ts';
import type { Terminals } from '../menu/terminals.ts';
import type { Machine } from '../platform/machine.ts';
import { DeploymentId } from '../protocol/identity.ts';
import type { VariableChange } from '../protocol/run-event.ts';
import { openValue } from '../protocol/sealed-value.ts';
import { startVariables } from '../sequence/start-variables.ts';
import type { StartMedia } from '../start-settings.ts';
import { connectNetwork } from './connect-network.ts';
import type { OpenedMedia } from './open-media.ts';
import { runPrestart } from './prestart.ts';
import type { SessionMedia } from './session-media.ts';

/** Of Configuration Manager: what is to be started, before required deployments. */
const PREFERRED = 'smstspreferredadvertid';

/**
 * What comes after the password: the prestart command, and the network where the media need a server.
 * @throws {AgentError} `media.prestart`
 */
export async function startMedia(
  opened: OpenedMedia,
  parts: {
    readonly machine: Pick<Machine, 'platform'>;
    readonly terminals: Pick<Terminals, 'show'>;
    readonly log: RunLog;
    readonly serveVariables: ServeVariables;
    readonly start: StartMedia | undefined;
  },
  signal: AbortSignal,
): Promise<SessionMedia> {
  const { machine, terminals, log, serveVariables, start } = parts;
  const { description } = opened;
  const { kind, label, id } = description;
  log.write('info', `Started from media "${label}" (${id}), ${kind}`, 'Media');
  const show = (text: string): void => {
    log.write('info', text, 'Media');
    terminals.show({ kind: 'starting', text });
  };
  const own = openVariables(opened);
  log.hide(own.filter(({ secret }) => secret).map(({ value }) => value));
  const prestart = opened.private.prestart;
  const set =
    prestart === null
      ? []
      : await runPrestart(
          prestart.commandLine,
          {
            variables: own,
            platform: machine.platform,
            serveVariables,
            log: (text) => log.write('info', text, 'Media'),
            show,
          },
          signal,
        );
  const variables = startVariables({ collections: [], device: null, media: own, prestart: set });
  if (kind !== 'stand-alone') await connectNetwork(show, signal);
  else if (start?.dataDevice === undefined)
    show(
      'Nothing can be written to these media: until a disk is formatted, a power cut means that the run begins anew',
    );
  const preferred = variables.find(({ name }) => name.toLowerCase() === PREFERRED)?.value;
  return {
    id,
    type: mediaTypes[kind],
    launchMode: kind === 'prestaged' ? 'HD' : launchModeOf(start),
    key: opened.key,
    // What is set to nothing is asked for.
    variables: variables.filter(({ value }) => value !== ''),
    asks: variables.flatMap(({ name, value, secret }) => (value === '' ? [{ name, secret }] : [])),
    ...(kind === 'bootable' || start === undefined
      ? {}
      : { contentFolder: async () => start.folder }),
    preferredDeployment: DeploymentId.safeParse(preferred).data,
  };
}

/** In Configuration Manager. */
const mediaTypes = {
  bootable: 'BootMedia',
  'stand-alone': 'FullMedia',
  prestaged: 'OEMMedia',
} as const;

/** Whether the media are a disc or a stick. */
export function launchModeOf(start: StartMedia | undefined): 'CD' | 'UFD' {
  return /^\/dev\/sr\d/.test(start?.device ?? '') ? 'CD' : 'UFD';
}

function openVariables({ description, private: own, variableKey }: OpenedMedia): VariableChange[] {
  return own.variables.map(({ name, value, secret }) =>
    secret && variableKey !== undefined
      ? {
          name,
          value: openValue(variableKey, { owner: `media:${description.id}`, name }, value),
          secret,
        }
      : { name, value, secret },
  );
}
