import type { WimSource } from './header.ts';
import { readWim, type WimImage } from './metadata.ts';
import { WimError } from './wim-error.ts';

/** A Windows PE inside a WIM. */
export interface WindowsPeImage {
  readonly index: number;
  readonly name: string;
  readonly architecture: 'x64' | 'arm64' | 'x86';
  /** `10.0.26100.1`. */
  readonly version: string;
  readonly languages: readonly string[];
}

/**
 * The Windows PE of a WIM: the image of that index, else the one that its header says is started, else the
 * first one. Windows Setup's media have two, of which the second starts Setup; it is a Windows PE as well.
 *
 * @throws {WimError} `wim.*` of a damaged file, `wim.index`, `wim.not-windows-pe`, `wim.solid`
 */
export async function readWindowsPe(source: WimSource, index?: number): Promise<WindowsPeImage> {
  const { header, images } = await readWim(source);
  if (header.version === 0xe00)
    throw new WimError('wim.solid', 'The WIM is solid (ESD): no boot manager starts from it', {
      hint: 'Export it: wimlib-imagex export install.esd <index> boot.wim --boot --compress=LZX',
    });
  const described = images.map((image) => `${image.index} "${image.name}"`).join(', ') || 'none';
  const pes = images.filter(isWindowsPe);
  const wanted = index ?? (header.bootIndex || pes[0]?.index || images[0]?.index);
  const image = images.find((each) => each.index === wanted);
  if (image === undefined)
    throw new WimError('wim.index', `The WIM has no image ${wanted ?? 1}; it has ${described}`, {
      hint: 'Say which with --index.',
    });
  if (!isWindowsPe(image)) {
    const is = image.windows?.installationType || image.windows?.edition || image.kind;
    throw new WimError(
      'wim.not-windows-pe',
      `Image ${image.index} "${image.name}" is no Windows PE: it says that it is ${is}`,
      {
        hint:
          pes.length > 0
            ? `Say which with --index: ${pes.map((each) => each.index).join(', ')}.`
            : 'Take boot.wim of Windows media, or the winpe.wim of the Windows ADK.',
      },
    );
  }
  const { architecture, name, windows } = image;
  if (architecture === null)
    throw new WimError('wim.not-windows-pe', `Image ${image.index} does not say its architecture`);
  const { version = '', languages = [] } = windows ?? {};
  return { index: image.index, name, architecture, version, languages };
}

/** `WindowsPE` is both the edition and the kind of installation of each Windows PE. */
function isWindowsPe({ windows }: WimImage): boolean {
  return [windows?.edition, windows?.installationType].some(
    (text) => text?.toLowerCase() === 'windowspe',
  );
}
