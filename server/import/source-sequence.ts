/**
 * A task sequence of another system as its file says it, before anything is made of it: Configuration
 * Manager's (`<sequence version="3.10">`) or MDT's (`version="3.00"`). Texts are as they stand, nothing is
 * trimmed; the order of groups and steps is kept (reference: task-sequence-xml, sections 3 to 5).
 */
export type SourceFormat = 'configmgr' | 'mdt';

export interface SourceSequence {
  readonly format: SourceFormat;
  /** Where it was read: `file.zip: SMS_TaskSequencePackage/ABC00012/object.xml`. */
  readonly from: string;
  readonly name: string;
  readonly description: string;
  /** The package id of a console export, the id of an MDT sequence. */
  readonly id: string | undefined;
  /** Other properties of the object around it that say something: `BootImageID`, `Category`. */
  readonly properties: Readonly<Record<string, string>>;
  /** Variables of `globalVarList`: set once, before the first step. Of two with one name the last counts. */
  readonly globals: readonly SourceVariable[];
  /** Ids in `referenceList`. */
  readonly references: readonly string[];
  readonly nodes: readonly SourceNode[];
}

export type SourceNode = SourceGroup | SourceStep;

interface SourceNodeBase {
  readonly name: string;
  readonly description: string;
  readonly disabled: boolean;
  readonly continueOnError: boolean;
  /** The operands of its condition, joined by *and*; empty where it has none. */
  readonly condition: readonly SourceCondition[];
  /** All attributes but for those that the fields above hold, as written. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Comments that stand before it, in their order. */
  readonly comments: readonly string[];
  /** Elements and text in it that have no meaning known here, as XML. */
  readonly unknown: readonly string[];
}
export interface SourceGroup extends SourceNodeBase {
  readonly kind: 'group';
  readonly nodes: readonly SourceNode[];
}
/** A `<step>`, or a `<subtasksequence>`. */
export interface SourceStep extends SourceNodeBase {
  readonly kind: 'step';
  /** The class, as written: `SMS_TaskSequence_RebootAction`. Undefined for a script step of MDT. */
  readonly type: string | undefined;
  readonly action: string;
  readonly variables: readonly SourceVariable[];
}
export interface SourceVariable {
  /** The task sequence variable, `OSDPartitions0Size`. */
  readonly name: string;
  /** The editor's property, `Partitions0Size`. */
  readonly property: string | undefined;
  readonly value: string;
}

export type SourceCondition =
  | {
      readonly kind: 'operator';
      readonly word: string;
      readonly operands: readonly SourceCondition[];
    }
  | {
      readonly kind: 'expression';
      /** As written: `SMS_TaskSequence_VariableConditionExpression`. */
      readonly type: string;
      /** Its variables by name; names as written. */
      readonly fields: Readonly<Record<string, string>>;
      readonly xml: string;
    }
  /** An `osConditionGroup` of Configuration Manager: any of its platforms. */
  | {
      readonly kind: 'platforms';
      readonly platforms: readonly {
        readonly name: string;
        /** Attributes of its `platformKey`: arch, type, minVer, maxVer. */
        readonly key: Readonly<Record<string, string>>;
        readonly operands: readonly SourceCondition[];
      }[];
      readonly xml: string;
    }
  | { readonly kind: 'unknown'; readonly xml: string };
