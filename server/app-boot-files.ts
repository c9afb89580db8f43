import type { createLiveState } from './live-state.ts';
import {
  type BootPublication,
  type BootPublicationSettings,
  publishBootFiles,
} from './netboot/boot-files.ts';
import type { BootFileMap } from './netboot/snapshot.ts';
import type { SiteServers } from './site-servers.ts';
import type { WindowsPublication } from './windows-publisher.ts';

/** What machines boot, as it is now. */
export interface BootFiles {
  readonly publication: BootPublication;
  /** Those of boot images of Windows PE too. */
  files(): BootFileMap;
  /** Looks at the boot images of Windows PE and the other servers; what is new is published. */
  readonly publishWindows: (publishFiles: (files: BootFileMap) => void) => Promise<
    Pick<WindowsPublication, 'wimboot'> & {
      images: Omit<WindowsPublication['images'][number], 'files'>[];
    }
  >;
}

/** Publishes the boot image of Linux PE; `states` are of the agents. */
export async function openBootFiles({
  live,
  states: agents,
  readWindows,
  forBoot,
  ...settings
}: BootPublicationSettings & {
  readonly live: ReturnType<typeof createLiveState>;
  readonly states: Parameters<ReturnType<typeof createLiveState>['setBootImages']>[0];
  readonly readWindows: () => Promise<WindowsPublication>;
  readonly forBoot: () => ReturnType<SiteServers['forBoot']>;
}): Promise<BootFiles> {
  const publication = await publishBootFiles(settings);
  let { files } = publication;
  const states = [publication.image, ...agents];
  live.setBootImages(states);
  let windows: WindowsPublication | undefined;
  let named = '[]';
  return {
    publication,
    files: () => files,
    async publishWindows(publishFiles) {
      const next = await readWindows();
      const others = forBoot();
      if (next !== windows || named !== JSON.stringify(others)) {
        windows = next;
        named = JSON.stringify(others);
        files = new Map([...publication.withOthers(others), ...next.files]);
        publishFiles(files);
        live.setBootImages([...states, ...next.states]);
      }
      const { images, wimboot } = next;
      return { images: images.map(({ files: _files, ...image }) => image), wimboot };
    },
  };
}
