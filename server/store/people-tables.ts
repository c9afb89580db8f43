/** Tables of who speaks: agents, operators, site accounts, servers. */
export interface PeopleTables {
  agent_tokens: {
    token_hash: string;
    key_thumbprint: string;
    device_id: string | null;
    identity_json: string;
    environment: string;
    /** Of the Windows PE that it was started from: `BootImageIdentity`; empty where it did not say. */
    boot_image_json: string;
    /** Deployment that it says it is to start (`SMSTSPreferredAdvertID`); empty for none. */
    preferred_deployment: string;
    /** Media that it was started from, proved by their key; empty for none. */
    media_id: string;
    created_ms: number;
    expires_ms: number;
  };
  operator_tokens: {
    token_hash: string;
    kind: string;
    name: string;
    created_ms: number;
    expires_ms: number;
    id: string;
    /** Whose it is; empty for the one-time link's. */
    person_id: string;
    /** Of an API token: what it may do at most. Of a session without a person: its role. */
    role: string;
    /** JSON of a `TokenScope`; empty: all that the role may. */
    scope_json: string;
    remote_address: string;
    last_used_ms: number;
  };
  people: {
    id: string;
    name: string;
    name_key: string;
    role: string;
    /** Empty: no password signs in. */
    password_hash: string;
    /** Of an account at an OpenID provider; empty for one that is only here. */
    issuer: string;
    subject: string;
    disabled: number;
    created_ms: number;
    last_signed_in_ms: number | null;
  };
  /** Browsers that are at the OpenID provider. */
  oidc_attempts: {
    state_hash: string;
    return_to: string;
    address: string;
    expires_ms: number;
  };
  /** Accounts of the site that steps name, and that read content. */
  site_accounts: {
    id: string;
    name: string;
    name_key: string;
    kind: string;
    user_name: string;
    /** Sealed (trust/variable-seal.ts). */
    password_sealed: string;
    position: number;
    changed_ms: number;
  };
  deployment_secrets: { deployment_id: string; release_at: string };
  /** What the key of a run was given, once for each step, condition, or `content`. */
  secret_releases: {
    run_id: string;
    key_thumbprint: string;
    /** `step 0/1`, `condition 2`, `content`. */
    place: string;
    /** `account join`, `variable joinpassword`. */
    what: string;
    at_ms: number;
  };
  /** Each value that a run was given, once; sealed (trust/variable-seal.ts). */
  released_values: {
    run_id: string;
    /** An HMAC of the value under the site's key, for this run alone. */
    mark: string;
    value_sealed: string;
  };
  /** Failed attempts to sign in, by account and by address. */
  sign_in_attempts: {
    subject: string;
    failures: number;
    last_ms: number;
    blocked_until_ms: number;
  };
  audit: {
    id: string;
    at_ms: number;
    who: string;
    action: string;
    detail_json: string;
  };
  /** Servers of the site that share this database. */
  servers: {
    id: string;
    name: string;
    addresses_json: string;
    boot_port: number;
    agent_port: number;
    version: string;
    /** Counts up while it lives. */
    beat: number;
    boot_revision: number;
    view_revision: number;
    heartbeat_ms: number;
  };
}
