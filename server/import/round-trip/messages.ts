import type { SequenceReport } from '../report/schema.ts';
import type { Written } from './round-trip.ts';

/** A sequence for a worker to try. */
export interface RoundTripRequest {
  readonly id: number;
  readonly written: Written;
}
/** What came of it. */
export interface RoundTripAnswer {
  readonly id: number;
  readonly roundTrip: SequenceReport['roundTrip'];
}
