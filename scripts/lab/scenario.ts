/** What a scenario is given: a bench of its own. Everything opened through it is closed in reverse order. */
export interface Lab {
  /** Aborts when somebody interrupts the lab or the time is up. */
  readonly signal: AbortSignal;
  /** Files of this scenario: disks, logs, the server's data, the capture. Kept when it fails. */
  readonly directory: string;
  /** Namespace of the site's own DHCP server. */
  readonly foreignNamespace: string;
  /** Boot images and the OS image, built before the scenario started: it has no way to the internet. */
  readonly images: LabImages;
  /** What `windows` installs; other scenarios have none. */
  readonly windows: WindowsMedia | undefined;
  /** Says what was seen: on the wire, on the disk, in the history, at the machine. */
  see(where: Place, line: string): void;
  /** Closes `resource` at the end of the scenario, whatever happens. */
  use<Resource extends AsyncDisposable>(resource: Resource): Resource;
  /** Adds whole boots to the count of this scenario when it ends. */
  countBoots(boots: () => number): void;
}
export type Place = 'wire' | 'disk' | 'history' | 'machine' | 'server';

/** What the lab builds once and caches. */
export interface LabImages {
  /** Directory that `metalwright serve --boot-images` takes. */
  readonly bootImages: string;
  /** A WIM with a Debian root file system that really boots. */
  readonly osImage: string;
}

/** A Windows of the person who runs the lab. */
export interface WindowsMedia {
  readonly iso: string;
  /** Name of the edition in the image; the first one when absent. */
  readonly edition?: string | undefined;
  /** Folder that gets the report. */
  readonly report: string;
}

export interface PrepareOptions {
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** One file in scenarios/, one line in scenarios/index.ts. */
export interface Scenario {
  /** File name without ending. */
  readonly name: string;
  /** A whole sentence: what it shows. */
  readonly title: string;
  /** `machine`: QEMU with real firmware; `loop`: the agent on loop devices, seconds. */
  readonly kind: 'machine' | 'loop';
  /** Measured on two cores without KVM. */
  readonly estimateSeconds: number;
  /** Run at every test of the whole, not only when its turn comes. */
  readonly core: boolean;
  /** Builds what it needs and caches it, before it starts: then it has no way to the internet. */
  prepare?(options: PrepareOptions): Promise<void>;
  run(lab: Lab): Promise<void>;
}

/** Keeps the parts of a scenario together; changes nothing at run time. */
export function defineScenario(scenario: Scenario): Scenario {
  return scenario;
}

/** A scenario saw something else than it must. The message carries the evidence. */
export class Mismatch extends Error {
  readonly code = 'lab.mismatch';
}

/** @throws {Mismatch} unless `holds`; `evidence` is only asked then */
export function expect(holds: boolean, claim: string, evidence: () => string = () => ''): void {
  if (!holds) throw new Mismatch(`expected: ${claim}\n${evidence()}`);
}
