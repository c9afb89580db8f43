import type { IniFile } from './rules/ini.ts';

/** What the import of one sequence knows of the deployment share that it is from. */
export interface ShareContext {
  /** The id of the sequence in the share, `W10X64`. */
  readonly sequenceId: string;
  /** Rules files of the folder Control, by name in lower case. */
  readonly rules: ReadonlyMap<string, IniFile>;
  /** The index of an operating system in its WIM, by the id of the operating system in lower case. */
  readonly imageIndexes: ReadonlyMap<string, number>;
  /** Whether the sequence has an answer file, Unattend.xml. */
  readonly hasAnswerFile: boolean;
}
