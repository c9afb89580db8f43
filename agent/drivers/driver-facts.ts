import { z } from 'zod';
import { MachineArchitecture } from '../protocol/identity.ts';
import type { Inf } from './inf.ts';
import { installFacts } from './install-facts.ts';
import type { TargetOs } from './target-os.ts';

const Text = z.string().max(4096);
const Number32 = z.int().min(0).max(0xffff_ffff);
const Ids = z.array(Text).max(1000);

const Install = z.strictObject({
  services: z
    .array(z.strictObject({ name: Text, startType: Number32.nullable() }))
    .max(1000)
    .readonly(),
  excludeIds: Ids.readonly(),
  featureScore: z.int().min(0).max(255),
  components: Ids.readonly(),
  needs: Ids.readonly(),
});

const Section = z.strictObject({
  /** Sections of one number are choices: Windows takes the best that fits it. */
  group: Number32,
  architecture: MachineArchitecture,
  version: z.tuple([Number32, Number32]).readonly().nullable(),
  productType: Number32.nullable(),
  suiteMask: Number32.nullable(),
  build: Number32.nullable(),
  models: z
    .array(
      z.strictObject({
        hardwareId: Text,
        compatibleIds: Ids.readonly(),
        /** Which of `installs`. */
        install: Number32,
      }),
    )
    .readonly(),
});

/** What of an INF file decides whether and for what a driver is taken. */
export const DriverFacts = z.strictObject({
  /** Path of the INF file in its package, with `/`. */
  inf: z.string().min(1).max(1024),
  className: Text,
  classGuid: Text,
  provider: Text,
  date: Text.nullable(),
  version: Text.nullable(),
  /** Whether it names a catalogue, which holds the signature. */
  hasCatalog: z.boolean(),
  extensionId: Text.nullable(),
  installs: z.array(Install).readonly(),
  sections: z.array(Section).readonly(),
});
export type DriverFacts = z.infer<typeof DriverFacts>;
export type DriverSection = DriverFacts['sections'][number];
export type DriverInstall = DriverFacts['installs'][number];

/** The facts of an INF file, for the processors that Windows is deployed on. Pure. */
export function driverFacts(inf: Inf, path: string): DriverFacts {
  const installs: DriverInstall[] = [];
  const known = new Map<string, number>();
  const installOf = (section: string, architecture: MachineArchitecture): number => {
    const name = `${architecture} ${section.toLowerCase()}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    known.set(name, installs.length);
    return installs.push(installFacts(inf.sections, section, architecture)) - 1;
  };
  const sections = inf.choices.flatMap(({ group, target, models }): DriverSection[] => {
    const architecture = architectureOf(target);
    if (architecture === null) return [];
    const { version = null, productType = null, suiteMask = null, build = null } = target ?? {};
    return [
      {
        group,
        architecture,
        version,
        productType,
        suiteMask,
        build,
        models: models.map(({ installSection, hardwareId, compatibleIds }) => ({
          hardwareId,
          compatibleIds: compatibleIds.slice(0, 1000),
          install: installOf(installSection, architecture),
        })),
      },
    ];
  });
  return {
    inf: path,
    className: inf.className,
    classGuid: inf.classGuid,
    provider: inf.provider,
    ...inf.driverVersion,
    hasCatalog: inf.catalogs.length > 0,
    extensionId: inf.extensionId,
    installs,
    sections,
  };
}

/** Without one it is for x86: the others want their decoration since Windows Server 2003 SP1. */
function architectureOf(target: TargetOs | null): MachineArchitecture | null {
  const architecture = target?.architecture ?? 'x86';
  if (architecture === 'amd64') return 'x64';
  return architecture === 'x86' || architecture === 'arm64' ? architecture : null;
}
