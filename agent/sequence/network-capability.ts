import type { RunAs } from './platform.ts';

/** What a computer belongs to. */
export type Membership =
  | { readonly kind: 'workgroup'; readonly name: string }
  | {
      readonly kind: 'domain';
      /** `CORP` */
      readonly name: string;
      /** `corp.example.com`, where it is known. */
      readonly dnsName?: string;
    };

/** Shares of other machines, and the domain of this one. Passwords are no part of a command line. */
export interface NetworkCapability {
  /**
   * Connects `\\server\share`, to a drive letter or to none. Returns the folder as this system opens it.
   * @throws {StepError} `network.*`
   */
  connectFolder(
    request: {
      readonly path: string;
      /** `Z`; null: without a letter. */
      readonly drive: string | null;
      readonly account: RunAs | null;
    },
    signal: AbortSignal,
  ): Promise<string>;
  /** What this computer belongs to now; undefined in a PE. */
  readonly membership: ((signal: AbortSignal) => Promise<Membership>) | undefined;
  /** Joins; it counts after a restart. Reads the membership back. @throws {StepError} `network.*` */
  join(
    request:
      | {
          readonly kind: 'domain';
          readonly domain: string;
          /** Distinguished name without `LDAP://`; null: where the domain puts computers. */
          readonly organizationalUnit: string | null;
          readonly account: RunAs;
        }
      | {
          readonly kind: 'workgroup';
          readonly workgroup: string;
          /** To leave a domain with. */
          readonly account: RunAs | null;
        }
      /** What `djoin /provision` made, base64 as it is in its file. */
      | { readonly kind: 'offline-blob'; readonly blob: string },
    signal: AbortSignal,
  ): Promise<void>;
}
