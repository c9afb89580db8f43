import type { ContentReference } from '#agent/sequence/references.ts';
import type { ReferenceKind } from '#agent/sequence/step.ts';
import type { ImportNeed, ImportReference } from './map-step.ts';
import type { ShareContext } from './mdt/share-context.ts';
import type { SourceSequence, SourceStep } from './source-sequence.ts';

/** What the mapping of a step may know of its surroundings. */
export interface ImportContext {
  readonly sequence: Pick<SourceSequence, 'format' | 'globals' | 'name'>;
  /** Names of objects by their id, lower case: packages, images, applications, sequences. */
  readonly names: ReadonlyMap<string, string>;
  /** The deployment share that the sequence is from, where it is imported with it. */
  readonly share?: ShareContext | undefined;
}

/** The name in a reference where the source has none chosen: no object is called so. */
export const NONE_CHOSEN = '(none chosen)';

/**
 * Reads a source step, and remembers what was read of it: what was not is told in the report and kept in
 * the origin of the step. Properties are found by `property` first, then by the variable's name, without
 * case (reference: task-sequence-xml, section 5).
 */
export class StepReader {
  readonly step: SourceStep;
  readonly context: ImportContext;
  readonly needs: ImportNeed[] = [];
  readonly references: ImportReference[] = [];
  readonly #read = new Set<number>();
  readonly #readAttributes = new Set<string>();
  readonly #nextSecret: () => number;

  constructor(step: SourceStep, context: ImportContext, nextSecret: () => number = () => 1) {
    this.step = step;
    this.context = context;
    this.#nextSecret = nextSecret;
  }

  /** The value of a property as it stands; undefined where it is missing or empty. */
  text(...names: readonly string[]): string | undefined {
    let found: string | undefined;
    for (const name of names) {
      const wanted = name.toLowerCase();
      for (const by of ['property', 'name'] as const)
        for (const [index, variable] of this.step.variables.entries())
          if (variable[by]?.toLowerCase() === wanted) {
            this.#read.add(index);
            if (variable.value !== '') found ??= variable.value;
          }
    }
    return found;
  }

  /** `true` or `false` in any case, also `yes`, `no`, `1`, `0`; undefined where it is neither. */
  flag(...names: readonly string[]): boolean | undefined {
    const text = this.text(...names)
      ?.trim()
      .toLowerCase();
    if (text === undefined) return undefined;
    if (['true', 'yes', '1', '-1'].includes(text)) return true;
    return ['false', 'no', '0'].includes(text) ? false : undefined;
  }

  /** A whole number, or the text of a `%Variable%`; undefined for anything else. */
  number(...names: readonly string[]): number | string | undefined {
    const text = this.text(...names)?.trim();
    if (text === undefined) return undefined;
    if (/^\d{1,15}$/.test(text)) return Number(text);
    return text.includes('%') ? text : undefined;
  }

  /** An attribute of the step's element, as written; undefined where it is missing or empty. */
  attribute(name: string): string | undefined {
    this.#readAttributes.add(name.toLowerCase());
    const entry = Object.entries(this.step.attributes).find(
      ([key]) => key.toLowerCase() === name.toLowerCase(),
    );
    return entry === undefined || entry[1] === '' ? undefined : entry[1];
  }

  /** Properties and attributes that have no meaning here: they are not told of. */
  ignore(...names: readonly string[]): void {
    for (const name of names) {
      this.text(name);
      this.attribute(name);
    }
  }

  /** All properties that match are read: `/^OSDPackage\d+Name$/i`. Returns them in order. */
  matching(pattern: RegExp): readonly { readonly name: string; readonly value: string }[] {
    return this.step.variables.flatMap((variable, index) => {
      const name = [variable.property, variable.name].find(
        (each) => each !== undefined && pattern.test(each),
      );
      if (name === undefined) return [];
      this.#read.add(index);
      return [{ name, value: variable.value }];
    });
  }

  /**
   * A secret: never written into the document. Exports of Configuration Manager blank them; MDT files
   * have them in plain text. Undefined where the step has no such property; else `%ImportedSecret1%`,
   * which a person gives its value as a secret variable of a collection or device. A value that is only
   * a `%Variable%` is no secret, and stays.
   */
  secret(what: string, ...names: readonly string[]): string | undefined {
    const isThere = this.step.variables.some(({ name, property }) =>
      names.some((each) =>
        [name.toLowerCase(), property?.toLowerCase()].includes(each.toLowerCase()),
      ),
    );
    if (!isThere) return undefined;
    const written = this.text(...names);
    if (written !== undefined && /^\s*%[^%\s]+%\s*$/.test(written)) return written.trim();
    return this.secretIn(what, written !== undefined);
  }

  /** The same for a secret that stands elsewhere, as in a list, or nowhere. */
  secretIn(what: string, isWritten: boolean): string {
    const variable = `ImportedSecret${this.#nextSecret()}`;
    this.need({
      kind: 'secret',
      message: isWritten
        ? `${what} stands in the file in plain text; it was not taken over`
        : `${what} is not in the file`,
      hint: `Set the secret variable ${variable} of a collection or device: metalwright variable set --collection <name> --secret ${variable}`,
    });
    return `%${variable}%`;
  }

  /**
   * A reference to an object of the other site, by its name where the source tells it, else by its id as
   * the name. `""`, `00000000` and a missing property are none: undefined, and nothing is reported.
   */
  reference(kind: ReferenceKind, ...names: readonly string[]): ContentReference | undefined {
    const id = this.text(...names)?.trim();
    return id === undefined ? undefined : this.referTo(kind, id);
  }

  /** The same for an id that stands elsewhere, in a list or a command line. */
  referTo(kind: ReferenceKind, sourceId: string): ContentReference | undefined {
    const found = this.objectName(kind, sourceId);
    return found === undefined ? undefined : { name: found };
  }

  /** The name of an object of the other site, and that the step refers to it. */
  objectName(kind: ReferenceKind | 'sequence', sourceId: string): string | undefined {
    if (sourceId === '' || /^0+$/.test(sourceId)) return undefined;
    const named = this.context.names.get(sourceId.toLowerCase());
    const name = (named ?? sourceId).slice(0, 128);
    this.references.push({ sourceId, kind, name, isNamed: named !== undefined });
    return name;
  }

  /** A reference that the step cannot be without: where none is chosen a person must choose one. */
  required(kind: ReferenceKind, what: string, ...names: readonly string[]): ContentReference {
    const found = this.reference(kind, ...names);
    if (found !== undefined) return found;
    this.need({
      kind: 'reference',
      message: `${what} is not chosen in the file`,
      hint: 'Choose one, or disable the step.',
    });
    return { name: NONE_CHOSEN };
  }

  need(need: ImportNeed): void {
    this.needs.push(need);
  }

  /** Variables with a value that nothing has read. */
  get unread(): readonly SourceStep['variables'][number][] {
    return this.step.variables.filter(
      ({ value }, index) => value.trim() !== '' && !this.#read.has(index),
    );
  }

  /** Attributes with a value that nothing has read. */
  get unreadAttributes(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.entries(this.step.attributes).filter(
        ([key, value]) => value !== '' && !this.#readAttributes.has(key.toLowerCase()),
      ),
    );
  }
}
