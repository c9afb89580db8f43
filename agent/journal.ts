import {
  formatHeader,
  formatRecord,
  type JournalHeader,
  type ParsedJournal,
  parseJournal,
  RECORDS_AT,
} from './journal/format.ts';
import { JournalError } from './journal/journal-error.ts';
import type { JournalMedium } from './journal/medium.ts';
import type { RunEvent, RunFact } from './protocol/run-event.ts';

/** Room kept free before a step starts, for what it and its end may have to record. */
const RESERVE_BYTES = 256 * 1024;
const HEADER_COPY_BYTES = RECORDS_AT / 2;

/**
 * The records of a run on this machine. It starts in memory; `moveTo` puts it on a medium as soon as
 * there is one, `leave` takes it back to memory when that medium is about to be erased. Everything is
 * kept in memory too, so that moving and sending again lose nothing.
 */
export class Journal {
  readonly header: JournalHeader;
  #events: RunEvent[];
  #medium: JournalMedium | undefined;
  /** Whether it lies where it is to stay only until there is a better place. */
  #temporary = false;
  #nextOffset = RECORDS_AT;
  /** Events at the end that are not on the medium yet. */
  #unsynced: RunEvent[] = [];
  /** Ends with the last sync that was asked for: two at once would write to one place. */
  #syncs: Promise<void> = Promise.resolve();

  constructor(header: JournalHeader, events: readonly RunEvent[] = []) {
    this.header = header;
    this.#events = [...events];
  }

  /** Goes on with a journal that was found: further records follow those read from `medium`. */
  static reopen(parsed: ParsedJournal, medium: JournalMedium, temporary = false): Journal {
    const journal = new Journal(parsed.header, parsed.events);
    journal.#medium = medium;
    journal.#temporary = temporary;
    journal.#nextOffset = parsed.nextOffset;
    return journal;
  }

  get events(): readonly RunEvent[] {
    return this.#events;
  }
  get lastSeq(): number {
    return this.#events.length;
  }
  /** Seq of the last event that a power cut cannot take; in memory there is nothing to wait for. */
  get syncedSeq(): number {
    return this.lastSeq - this.#unsynced.length;
  }
  get inMemory(): boolean {
    return this.#medium === undefined;
  }
  get isTemporary(): boolean {
    return this.#temporary;
  }

  /**
   * Appends one fact. It is durable after the next `sync`, which is to come before anything is done,
   * sent or waited for: so facts with nothing between them cost one flush.
   */
  append(fact: RunFact, atMs: number): RunEvent {
    const event: RunEvent = {
      runId: this.header.runId,
      seq: this.lastSeq + 1,
      atMs: Math.max(0, Math.round(atMs)),
      fact,
    };
    this.adopt(event);
    return event;
  }

  /** Appends an event as the server has it; its seq must be the next one. @throws {JournalError} `journal.damaged` */
  adopt(event: RunEvent): void {
    if (event.seq !== this.lastSeq + 1)
      throw new JournalError(
        'journal.damaged',
        `event ${event.seq} does not follow ${this.lastSeq}`,
      );
    this.#events.push(event);
    if (this.#medium) this.#unsynced.push(event);
  }

  /** Writes what was appended, as one record, and syncs it. @throws {JournalError} `journal.full` */
  async sync(): Promise<void> {
    const own = this.#syncs.then(async () => this.#write());
    this.#syncs = own.catch(() => {});
    return own;
  }

  async #write(): Promise<void> {
    const [first, ...rest] = this.#unsynced;
    const medium = this.#medium;
    if (!medium || first === undefined) return;
    const record = formatRecord([first, ...rest]);
    this.#assertRoom(medium, record.length);
    await medium.write(this.#nextOffset, record);
    await medium.sync();
    this.#nextOffset += record.length;
    this.#unsynced = this.#unsynced.slice(1 + rest.length);
  }

  /** Refuses to go on when a step could not be recorded to its end. @throws {JournalError} `journal.full` */
  reserve(): void {
    if (this.#medium) this.#assertRoom(this.#medium, RESERVE_BYTES);
  }

  /** Writes all records so far to a new, zeroed medium, the header last: until then it is no journal. */
  async moveTo(medium: JournalMedium, temporary = false): Promise<void> {
    let offset = RECORDS_AT;
    for (const event of this.#events) {
      const record = formatRecord([event]);
      if (offset + record.length > medium.capacityBytes) throw full(medium, offset);
      await medium.write(offset, record);
      offset += record.length;
    }
    await medium.sync();
    await writeHeader(medium, this.header);
    const readBack = parseJournal(await medium.read());
    if (readBack?.events.length !== this.#events.length)
      throw new JournalError(
        'journal.damaged',
        `wrote ${this.#events.length} records, read back ${readBack?.events.length ?? 0}`,
      );
    const before = this.#medium;
    this.#medium = medium;
    this.#temporary = temporary;
    this.#nextOffset = offset;
    this.#unsynced = [];
    await before?.close();
  }

  /** Back to memory: the medium is closed, nothing on it is touched. */
  async leave(): Promise<void> {
    const medium = this.#medium;
    this.#unsynced = [];
    this.#medium = undefined;
    this.#temporary = false;
    await medium?.close();
  }

  #assertRoom(medium: JournalMedium, bytes: number): void {
    if (this.#nextOffset + bytes > medium.capacityBytes) throw full(medium, this.#nextOffset);
  }
}

/** Copy A is synced before copy B is written: a torn write spoils one of them at most. */
async function writeHeader(medium: JournalMedium, header: JournalHeader): Promise<void> {
  const copy = formatHeader(header);
  await medium.write(0, copy);
  await medium.sync();
  await medium.write(HEADER_COPY_BYTES, copy);
  await medium.sync();
}

function full(medium: JournalMedium, used: number): JournalError {
  return new JournalError(
    'journal.full',
    `the journal holds ${used} of ${medium.capacityBytes} bytes, too little is left for another step`,
    { hint: 'The sequence is too long for one run: split it.' },
  );
}
