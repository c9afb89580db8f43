/** Tables of deployments, runs, and what is told of them. */
export interface RunTables {
  deployments: {
    id: string;
    sequence_id: string;
    collection_id: string;
    purpose: string;
    scope_json: string | null;
    withdrawn_ms: number | null;
    created_ms: number;
    /** JSON of a `PasswordHash`, or empty. */
    command_prompt: string;
    /** JSON of `DeploymentSettings`; empty for one that was made before there were any. */
    settings_json: string;
  };
  /** When a deployment was last offered to a device by PXE. */
  pxe_offers: { device_id: string; deployment_id: string; at_ms: number };
  /** Spans of time in which machines of a collection may be disturbed. */
  maintenance_windows: {
    id: string;
    collection_id: string;
    name: string;
    description: string;
    enabled: number;
    kind: string;
    /** `2027-01-15`, `22:00`, `02:00`: of a wall clock in the zone. */
    start_date: string;
    start_time: string;
    finish_time: string;
    /** A name of the IANA, `UTC`, or `local`: that of the site. */
    time_zone: string;
    /** RFC 5545; empty for one that opens once. */
    rrule: string;
    created_ms: number;
  };
  runs: {
    run_id: string;
    device_id: string;
    deployment_id: string;
    sequence_id: string;
    sequence_version: number;
    sequence_name: string;
    purpose: string;
    /** What was pinned for the run, secrets sealed (store/pinned-grant.ts). */
    grant_json: string;
    /** 1: what the run was granted, or has set since, holds secret values. */
    has_secrets: number;
    /** 1: a step has started; what it was granted is not looked for again. */
    step_started: number;
    /** Thumbprint of the key that may speak for the run now. */
    key_thumbprint: string;
    /** 1: an operator lets the next key of the device take the run over. */
    takeover_approved: number;
    state: string;
    next_boot: string;
    error_json: string | null;
    started_ms: number;
    ended_ms: number | null;
    last_event_ms: number;
    have: number;
    log_bytes: number;
    cleared_ms: number | null;
    /** `none`, `prepared` or `entered`. */
    windows_setup: string;
    /** JSON of the ids of the steps that set Windows up; empty for a run of before this column, until it is read. */
    setup_steps: string;
    /** Make and model of the machine when it began; empty where that was not told. */
    model: string;
    /** Of a failed or forked run: code of its error, and name of the step that failed last. */
    error_code: string;
    failed_step: string;
    /** When a machine brought the run back that this database did not know; 0: it never forgot it. */
    recovered_ms: number;
    /** 1: events and log are gone, by the site's retention. */
    trimmed: number;
  };
  boot_chains: { scope: string; key: string; label: string; settings_json: string };
  signer_memory: {
    machine_key: string;
    mac: string | null;
    signer: string;
    failures: number;
    loaded: number;
    changed_ms: number;
  };
  events: { run_id: string; seq: number; at_ms: number; received_ms: number; fact_json: string };
  /** Steps that ended, for reports. */
  run_steps: {
    run_id: string;
    /** Of the event that tells it. */
    seq: number;
    sequence_id: string;
    step_id: string;
    name: string;
    finished_ms: number;
    duration_ms: number;
    succeeded: number;
    code: number;
    error_code: string;
  };
  /** Why network boots were not answered: one row for each machine and reason. */
  silences: {
    mac: string;
    /** SHA-256 of the reason. */
    reason_key: string;
    reason: string;
    interface_name: string;
    architecture: string;
    guid: string | null;
    first_ms: number;
    last_ms: number;
    count: number;
  };
  /** Addresses that benches were granted: one row for each address of a server. */
  dhcp_leases: {
    /** Name of the server that grants it; empty where there is but one. */
    server: string;
    address: string;
    /** `clientKey` of dhcp/bench/grant.ts; empty for a declined address. */
    client: string;
    mac: string;
    host_name: string;
    state: 'leased' | 'released' | 'declined';
    until_ms: number;
  };
  webhooks: {
    id: string;
    /** As it is shown; before 0025 the whole URL. */
    url: string;
    /** The whole URL, sealed (trust/variable-seal.ts); '' where an earlier version wrote the row. */
    sealed_url: string;
    events_json: string;
    /** Sealed (trust/variable-seal.ts). */
    secret: string;
    /** `active` or `disabled`. */
    state: string;
    /** Why it is disabled, or the last failure; empty when all is well. */
    reason: string;
    failing_since_ms: number | null;
    created_ms: number;
  };
  /** What is to be delivered; a row goes when it was. */
  webhook_outbox: {
    id: string;
    webhook_id: string;
    event: string;
    body_json: string;
    created_ms: number;
    next_ms: number;
    attempts: number;
    /** A server that delivers it holds it until then. */
    lease_until_ms: number;
  };
  logs: {
    run_id: string;
    /** Where in the log it begins, and how long it is unpacked: bytes of UTF-8. */
    start: number;
    bytes: number;
    /** As it is, in rows from before `zstd`; empty since. */
    text: string;
    /** The text by Zstandard. */
    zstd: Uint8Array | null;
  };
}
