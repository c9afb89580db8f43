import type { ParsedJournal } from './format.ts';
import type { JournalError } from './journal-error.ts';
import type { JournalMedium } from './medium.ts';

/** A journal on one of this machine's system partitions, or what is left of one. */
export type FoundJournal =
  | {
      readonly kind: 'journal';
      readonly parsed: ParsedJournal;
      readonly medium: JournalMedium;
      readonly where: string;
      /** Whether it is to move as soon as there is a system partition. */
      readonly temporary?: boolean;
    }
  | { readonly kind: 'damaged'; readonly error: JournalError; readonly where: string };

/** Where on this machine a journal can live. */
export interface JournalPlaces {
  /** All journals there are; whoever asks closes the media it does not use. */
  find(signal: AbortSignal): Promise<readonly FoundJournal[]>;
  /**
   * A new, zeroed medium on a system partition that this process made, or on any one; undefined
   * while there is none.
   */
  create(where: 'made-here' | 'any', signal: AbortSignal): Promise<JournalMedium | undefined>;
  /**
   * A new, zeroed medium that only serves until there is a system partition: on the stick that the machine was started
   * from. Absent where there is none.
   */
  temporary?(signal: AbortSignal): Promise<JournalMedium>;
  /** Deletes that one: it is on the disk now, and nobody is to go on from an older state. */
  dropTemporary?(signal: AbortSignal): Promise<void>;
  /** Called before the disk that holds the medium in use is erased; afterwards it must be closed. */
  onErase(leave: () => Promise<void>): void;
  /** Keeps one line of history on the machine, beside where the journal was. */
  remember(line: string, signal: AbortSignal): Promise<void>;
  /** Runs without a server that ended here, until one takes their history; absent where there is no place for them. */
  readonly keptRuns?: KeptRuns;
  /** Deletes every journal of the run: it is over. */
  remove(signal: AbortSignal): Promise<void>;
}

/** Histories of runs, each under the id of its run. */
export interface KeptRuns {
  keep(name: string, text: string, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<readonly { readonly name: string; readonly text: string }[]>;
  drop(name: string, signal: AbortSignal): Promise<void>;
}
