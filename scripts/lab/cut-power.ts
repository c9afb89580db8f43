/**
 * Loaded into the agent of a loop machine (`node --import`): pulls the plug at one exact place of its
 * journal, killing the agent and all it started, as a power cut would. `after:7` when record 7 is synced,
 * `before:7` when the effect that record 7 is to report is done but not yet recorded; `during:7+350` when 350 ms
 * have passed since record 7, in the middle of what it began. Only here can the
 * instant be exact: seen from outside, the next step has begun already.
 */
const CutPlace = /^(after|before|during):(\d+)(?:\+(\d+))?$/;
const [, when, seq, delayMs] = CutPlace.exec(process.env['METALWRIGHT_LAB_CUT'] ?? '') ?? [];

interface JournalClass {
  readonly prototype: {
    readonly lastSeq: number;
    append(fact: unknown, atMs: number): { readonly seq: number };
    sync(): Promise<void>;
  };
}
const journal: { readonly Journal: JournalClass } = await import(
  new URL('../../agent/journal.ts', import.meta.url).href
);

const { prototype } = journal.Journal;
const append = Reflect.get(prototype, 'append');
prototype.append = function (this: JournalClass['prototype'], fact, atMs) {
  if (when === 'before' && this.lastSeq + 1 === Number(seq)) cut();
  const event = append.call(this, fact, atMs);
  if (when === 'during' && event.seq === Number(seq)) setTimeout(cut, Number(delayMs));
  if (when === 'after' && event.seq === Number(seq)) {
    const synced = this.sync();
    // What would follow waits for a sync of its own: it is neither written nor done.
    prototype.sync = async () => Promise.withResolvers<void>().promise;
    void synced.then(cut);
  }
  return event;
};

/** Signals the process group, which the lab made for this agent alone. */
function cut(): void {
  process.kill(0, 'SIGKILL');
}
