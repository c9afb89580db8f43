import type { DocumentNode, HowMapped, ImportNeed, ImportReference } from './map-step.ts';
import type { ScriptFinding } from './scan-scripts.ts';
import type { SourceSequence } from './source-sequence.ts';

/** A task sequence of another system as a document of ours, and what there is to tell of it. */
export interface ImportedSequence {
  readonly source: SourceSequence;
  /** Unlike any other of the same import. */
  readonly name: string;
  /** As `parseTaskSequence` reads it: it always does. */
  readonly document: DocumentNode;
  /** Its nodes in the order of the source, groups before what is in them. */
  readonly nodes: readonly ImportedNode[];
  /** Comments of the file by the path of the node that they stand before, `steps[0].steps[2]`. */
  readonly comments: ReadonlyMap<string, readonly string[]>;
  /** Needs of the sequence as a whole. */
  readonly needs: readonly ImportNeed[];
  readonly references: readonly ImportReference[];
}

/** What a node of the source became. */
export interface ImportedNode {
  /** Where it stands in the document. */
  readonly path: string;
  readonly kind: 'group' | 'step';
  /** Groups around it. */
  readonly depth: number;
  readonly name: string;
  /** Class of the step, or its script; empty for groups. */
  readonly sourceType: string;
  /** Undefined for groups. */
  readonly how: HowMapped | undefined;
  readonly reason: string | undefined;
  /** Types of the steps that it became. */
  readonly became: readonly string[];
  /** Disabled in its file. */
  readonly disabled: boolean;
  /** Expressions of its condition, and how many of them say the same here. */
  readonly expressions: number;
  readonly mappedExpressions: number;
  readonly needs: readonly ImportNeed[];
  readonly references: readonly ImportReference[];
  readonly findings: readonly ScriptFinding[];
}
