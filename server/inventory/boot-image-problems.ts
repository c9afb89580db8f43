import type { ErrorProblem } from '#agent/protocol/error.ts';
import type { SequenceId } from '#agent/protocol/identity.ts';
import type { SequenceReference } from '#agent/sequence/child-sequence.ts';
import { fitBootImage } from '#boot/fit.ts';
import type { CourseEntry, PeNeed, RunPlace } from './pe-course.ts';
import type { LedToImage } from './sequence-images.ts';
import type { SequenceOutline } from './sequence-outline.ts';

/** The boot image that a sequence names, as far as its package says. */
export interface NamedBootImage {
  /** `"Windows PE" (MW100001, version 2)`. */
  readonly label: string;
  readonly name: string;
  readonly architecture: LedToImage['architecture'] | null;
  /** Optional components inside; undefined where its version was stored before they were recorded. */
  readonly components: readonly string[] | undefined;
}

/** A sequence as it is run: its outline, and how those that it runs are found. */
export interface SequenceCourse {
  readonly id: SequenceId;
  readonly outline: SequenceOutline;
  readonly find: (
    reference: SequenceReference,
  ) => { readonly id: SequenceId; readonly outline: SequenceOutline } | undefined;
}
/** What its images are. */
export interface CourseImages {
  /** Undefined for Linux PE, and for a boot image that is not there. */
  readonly bootImage: NamedBootImage | undefined;
  /** The images that a step may apply, of those that say their architecture. */
  readonly osImages: (image: SequenceOutline['osImages'][number]) => readonly LedToImage[];
}
/** `problems` keep a sequence from being deployed; `warnings` do not. */
export interface BootImageFindings {
  readonly problems: readonly ErrorProblem[];
  readonly warnings: readonly ErrorProblem[];
}

/**
 * The optional components of Windows PE behind each need: `program` has what is started, and that needs the
 * others. WMI is asked by the CIM commands of PowerShell.
 */
const components: Readonly<
  Record<PeNeed, { readonly program: string; readonly others: readonly string[] }>
> = {
  powershell: {
    program: 'WinPE-PowerShell',
    others: ['WinPE-WMI', 'WinPE-NetFx', 'WinPE-Scripting'],
  },
  bitlocker: { program: 'WinPE-SecureStartup', others: ['WinPE-WMI', 'WinPE-EnhancedStorage'] },
  scripting: { program: 'WinPE-Scripting', others: [] },
  hta: { program: 'WinPE-HTA', others: ['WinPE-Scripting'] },
  wmi: { program: 'WinPE-WMI', others: ['WinPE-NetFx', 'WinPE-Scripting', 'WinPE-PowerShell'] },
};

/** All components that a need takes. */
export function componentsOf(need: PeNeed): readonly string[] {
  const { program, others } = components[need];
  return [program, ...others];
}

/** A need of a step that runs, or may run, in the boot image. */
export interface FoundNeed {
  readonly entry: Extract<CourseEntry, { kind: 'need' }>;
  /** Place in the document of the parent: `steps[1].child.steps[0]`. */
  readonly path: string;
  /** Whether it certainly comes to run there, and the run fails where it cannot. */
  readonly certain: boolean;
}

/**
 * What a sequence needs of the Windows PE that it starts from: of steps behind the restart into the installed
 * Windows, nothing. A child is looked at once for each place that it is run in.
 */
export function needsInPe({ id, outline, find }: SequenceCourse): readonly FoundNeed[] {
  const found: FoundNeed[] = [];
  const followed = new Map<string, ReadonlySet<RunPlace>>();
  const follow = (
    entries: readonly CourseEntry[],
    from: ReadonlySet<RunPlace>,
    around: { readonly base: string; readonly sure: boolean; readonly open: readonly SequenceId[] },
  ): ReadonlySet<RunPlace> => {
    let places = from;
    for (const entry of entries) {
      const { runs } = entry;
      const isSure = around.sure && places.size === 1 && runs.pe === true;
      const mayRun = [...places].filter((place) => runs[place] !== false);
      switch (entry.kind) {
        case 'need':
          if (mayRun.includes('pe'))
            found.push({
              entry,
              path: around.base + entry.path,
              certain: isSure && !entry.forgiven,
            });
          break;
        case 'move': {
          const stay = [...places].filter((place) => runs[place] !== true);
          places = new Set([...stay, ...(mayRun.length > 0 ? [entry.to] : [])]);
          break;
        }
        case 'child': {
          const child = find(entry.reference);
          // What runs itself is told elsewhere.
          if (child === undefined || mayRun.length === 0 || around.open.includes(child.id)) break;
          const sure =
            around.sure && !entry.forgiven && mayRun.every((place) => runs[place] === true);
          const key = `${child.id} ${mayRun.join(' ')} ${sure}`;
          const after =
            followed.get(key) ??
            follow(child.outline.course, new Set(mayRun), {
              base: `${around.base}${entry.path}.child.`,
              sure,
              open: [...around.open, child.id],
            });
          followed.set(key, after);
          const isPassedBy = [...places].filter((place) => runs[place] !== true);
          places = new Set([...isPassedBy, ...after]);
          break;
        }
      }
    }
    return places;
  };
  follow(outline.course, new Set<RunPlace>(['pe']), { base: '', sure: true, open: [id] });
  return found;
}

/** What is wrong between a sequence and its boot image: components that are not in it, images for another architecture (M43). */
export function bootImageFindings(
  sequence: SequenceCourse,
  { bootImage, osImages }: CourseImages,
): BootImageFindings {
  const images = architectureFindings(sequence, { bootImage, osImages });
  if (bootImage === undefined) return images;
  const needs = needsInPe(sequence);
  if (needs.length === 0) return images;
  if (bootImage.components === undefined)
    return { ...images, warnings: [...images.warnings, unknownComponents(bootImage, needs)] };
  const inside = new Set(bootImage.components.map((name) => name.toLowerCase()));
  const problems = [...images.problems];
  const warnings = [...images.warnings];
  for (const need of needs) {
    const missing = componentsOf(need.entry.need).filter((name) => !inside.has(name.toLowerCase()));
    if (missing.length === 0) continue;
    const isRefused = need.certain && missing.includes(components[need.entry.need].program);
    (isRefused ? problems : warnings).push(missingComponents(bootImage, need, missing));
  }
  return { problems, warnings };
}

function missingComponents(
  { label, name }: NamedBootImage,
  { entry, path }: FoundNeed,
  missing: readonly string[],
): ErrorProblem {
  const what =
    entry.wmiClass === null
      ? `Step "${entry.step}" (${path}) needs`
      : `The condition of "${entry.step}" (${path}) asks WMI for ${entry.wmiClass}, and counts as false without`;
  return {
    code: 'boot-image.component',
    message: `${what} ${missing.join(', ')}: not in the boot image ${label}`,
    hint: `Make a Windows PE with ${missing.length === 1 ? 'it' : 'them'} (docs/boot-image.md says how) and store it: metalwright boot-image add <winpe.wim> --name ${JSON.stringify(name)}. Or disable the step, or put it behind the restart into the installed Windows.`,
    path,
    step: entry.step,
  };
}

function unknownComponents(
  { label, name }: NamedBootImage,
  needs: readonly FoundNeed[],
): ErrorProblem {
  const wanted = new Map<string, Set<string>>();
  for (const { entry } of needs)
    for (const component of componentsOf(entry.need))
      wanted.set(component, (wanted.get(component) ?? new Set()).add(entry.step));
  const all = [...wanted].map(
    ([component, steps]) => `${component} (${[...steps].map((step) => `"${step}"`).join(', ')})`,
  );
  return {
    code: 'boot-image.components-unknown',
    message: `It is not known which optional components the boot image ${label} has; needed are ${all.join('; ')}`,
    hint: `Have the server look: metalwright boot-image rebuild ${JSON.stringify(name)}`,
    path: 'bootImage',
  };
}

/** A step that applies what no machine with this boot image starts: refused where no other step applies one that does. */
function architectureFindings(
  { id, outline, find }: SequenceCourse,
  { bootImage, osImages }: CourseImages,
): BootImageFindings {
  const found: ErrorProblem[] = [];
  let fits = 0;
  const seen = new Set<SequenceId>([id]);
  const look = (each: SequenceOutline, base: string): void => {
    for (const image of each.osImages) {
      const verdicts = osImages(image).map((one) => fitBootImage(one, bootImage ?? null));
      const [first] = verdicts;
      if (first?.kind !== 'refused' || verdicts.some(({ kind }) => kind === 'fits')) {
        fits += 1;
        continue;
      }
      found.push({
        code: first.code,
        message: `Step "${image.step}" (${base}${image.path}): ${first.reason}`,
        hint: 'Name a boot image for the architecture of the image (bootImage), apply another image, or disable the step.',
        path: base + image.path,
        step: image.step,
      });
    }
    for (const { path, reference } of each.children) {
      const child = find(reference);
      if (child === undefined || seen.has(child.id)) continue;
      seen.add(child.id);
      look(child.outline, `${base}${path.replace(/params\.sequence$/, 'child.')}`);
    }
  };
  look(outline, '');
  const isRefused = bootImage !== undefined && fits === 0;
  return { problems: isRefused ? found : [], warnings: isRefused ? [] : found };
}
