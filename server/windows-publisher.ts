import { readFile } from 'node:fs/promises';
import { ContentManifest } from '#agent/protocol/content.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import { BootImageFacts } from '#boot/boot-image-facts.ts';
import type { ContentStore } from './content/store.ts';
import type { BootImageState } from './http/services.ts';
import type { BootFile, BootFileMap } from './netboot/snapshot.ts';
import type { WindowsBootImage } from './netboot/windows-boot-image.ts';
import { type WimbootFiles, windowsFiles } from './netboot/windows-publication.ts';
import type { Store } from './store/operations.ts';

/** What is started from the network of Windows PE, at one moment. */
export interface WindowsPublication {
  readonly images: readonly WindowsBootImage[];
  readonly files: BootFileMap;
  readonly wimboot: boolean;
  /** For the status: an image that cannot be served says why. */
  readonly states: readonly BootImageState[];
}

/** File of a boot image's package that says what it is. */
const FACTS_FILE = 'boot-image.json';
const IPXE_OBJECT = 'ipxe.efi';
const WIMBOOT_OBJECT = 'wimboot';

/**
 * Reads boot images out of the store and the content, each version once. A package that is damaged costs
 * only itself: it is not served, and its state says what to do.
 */
export function windowsPublisher(
  store: Pick<Store, 'packages' | 'settings'>,
  content: Pick<ContentStore, 'file'>,
): () => Promise<WindowsPublication> {
  const known = new Map<string, WindowsBootImage>();
  let last: { readonly key: string; readonly publication: WindowsPublication } | undefined;

  const read = async (id: PackageId, version: number): Promise<WindowsBootImage> => {
    const key = `${id} ${version}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const { name, files } = await readPackage({ store, content }, id);
    const facts = BootImageFacts.parse(JSON.parse(await readText(files, FACTS_FILE)));
    const image: WindowsBootImage = { id, name, version, facts, files };
    known.set(key, image);
    return image;
  };

  return async () => {
    const packages = await store.packages.list('boot-image');
    const { wimboot: wimbootId } = await store.settings.get();
    const wimbootPackage = (await store.packages.list('package')).find(
      ({ id }) => id === wimbootId,
    );
    const key = [...packages, wimbootPackage].map((one) => `${one?.id} ${one?.version}`).join(',');
    if (last?.key === key) return last.publication;
    const images: WindowsBootImage[] = [];
    const states: BootImageState[] = [];
    for (const { id, name, version } of packages)
      try {
        const image = await read(id, version);
        images.push(image);
        states.push({ name, architecture: image.facts.architecture, ...readyState(image) });
      } catch (error) {
        const detail = `${id}, version ${version} cannot be served: ${reasonOf(error)}. Add it again.`;
        states.push({ name, architecture: 'unknown', ready: false, detail });
      }
    const wimboot =
      wimbootPackage === undefined
        ? null
        : await wimbootFiles({ store, content }, wimbootPackage.id);
    const files = windowsFiles(images, wimboot);
    last = { key, publication: { images, files, wimboot: wimboot !== null, states } };
    return last.publication;
  };
}

interface Sources {
  readonly store: Pick<Store, 'packages'>;
  readonly content: Pick<ContentStore, 'file'>;
}

async function readPackage(
  { store, content }: Sources,
  id: PackageId,
): Promise<{ readonly name: string; readonly files: Map<string, BootFile> }> {
  const bytes = await store.packages.manifest(id);
  if (bytes === null) throw new Error(`there is no package ${id}`);
  const { name, objects } = ContentManifest.parse(JSON.parse(new TextDecoder().decode(bytes)));
  const files = new Map<string, BootFile>();
  for (const { path, sha256 } of objects)
    files.set(path, { kind: 'file', ...(await content.file(sha256)) });
  return { name, files };
}

async function wimbootFiles(sources: Sources, id: PackageId): Promise<WimbootFiles | null> {
  const found = await readPackage(sources, id).catch(() => undefined);
  const ipxe = found?.files.get(IPXE_OBJECT);
  const wimboot = found?.files.get(WIMBOOT_OBJECT);
  return ipxe === undefined || wimboot === undefined ? null : { ipxe, wimboot };
}

function readyState({
  id,
  version,
  facts,
}: WindowsBootImage): Pick<BootImageState, 'ready' | 'detail'> {
  const signers = Object.keys(facts.efiBootManagers).join(' and ');
  const ways = [
    ...(signers === '' ? [] : [`UEFI with boot managers signed by ${signers}`]),
    ...(facts.bios === null ? [] : ['BIOS']),
  ].join(', ');
  const detail = `Windows PE ${facts.version} (${id}, version ${version}), ${ways || 'no boot manager: it cannot be started from the network'}`;
  return { ready: ways !== '', detail };
}

async function readText(files: ReadonlyMap<string, BootFile>, path: string): Promise<string> {
  const file = files.get(path);
  if (file?.kind !== 'file') throw new Error(`it has no ${path}`);
  return await readFile(file.path, 'utf8');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}
