import type { PackageId } from '#agent/protocol/identity.ts';
import { formatTaskSequence } from '#agent/sequence/format.ts';
import {
  type ContentReference,
  listReferences,
  pinReferences,
} from '#agent/sequence/references.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { steps } from '#agent/steps/index.ts';

/** A package as a reference may name it. */
export interface NamedPackage {
  readonly id: PackageId;
  readonly name: string;
}

/** The document of a run: every reference has its id, and `references` lists them once each. */
export interface PinnedDocument {
  readonly documentJson: string;
  readonly references: readonly PackageId[];
}

/** Finds what a reference means: its id where it has one, else the package of that name, without case. */
export function resolveReference(
  reference: ContentReference,
  packages: readonly NamedPackage[],
): PackageId | undefined {
  const name = reference.name?.trim().toLowerCase();
  return reference.id ?? packages.find((one) => one.name.trim().toLowerCase() === name)?.id;
}

/**
 * Puts ids into all references. A name that resolves to nothing stays: the step that uses it fails.
 *
 * @throws {SequenceError} `sequence.invalid`, when the document was kept by a server that knew other steps
 */
export function pinDocument(
  documentJson: string,
  packages: readonly NamedPackage[],
): PinnedDocument {
  const sequence = pinReferences(
    parseTaskSequence(JSON.parse(documentJson), steps),
    steps,
    (reference) => resolveReference(reference, packages),
  );
  const ids = listReferences(sequence, steps).flatMap(({ reference }) => reference.id ?? []);
  return {
    documentJson: JSON.stringify(formatTaskSequence(sequence)),
    references: [...new Set(ids)],
  };
}
