/**
 * Rows of the database, as migrations/ makes them. Portable by rule: JSON is text parsed by zod, times
 * are integer milliseconds since 1970, truth is 0 or 1, and no query looks into JSON.
 */
export interface Tables {
  counters: { name: string; value: number };
  settings: { name: string; value_json: string };
  devices: {
    id: string;
    name: string;
    state: string;
    smbios_guid: string | null;
    serial_number: string | null;
    /** What the machine last said of itself beside the columns above. */
    facts_json: string;
    created_ms: number;
    last_seen_ms: number | null;
    /** Without case, for search and sorting (inventory/device-keys.ts); empty where there is none. */
    name_key: string;
    serial_key: string;
    asset_key: string;
    notes: string;
    /** JSON of `SeenAt`; empty before it has registered. */
    seen_at_json: string;
  };
  /** Hardware of a device at its starts; a new row when it differs from the one before. */
  device_inventories: {
    device_id: string;
    from_ms: number;
    until_ms: number;
    /** 1: the newest of the device. */
    current: number;
    /** JSON of `KeptInventory`. */
    inventory_json: string;
    /** Of the record that was merged into this one and had it; empty for the device's own. */
    source_id: string;
    source_name: string;
  };
  /** Machines that something was said of before they came (inventory/expected-device.ts). */
  expected_devices: {
    kind: string;
    key: string;
    /** Empty where it is to be named by rule. */
    name: string;
    name_key: string;
    approve: number;
    who: string;
    created_ms: number;
    device_id: string | null;
    used_ms: number | null;
  };
  /** `kind`: `mac` or `guid`. */
  shared_identifiers: { kind: string; value: string; learned: number; why: string; at_ms: number };
  /** `resolution`: `open`, `merge`, `new` or `block`. */
  device_conflicts: {
    device_id: string;
    other_id: string;
    why: string;
    first_ms: number;
    last_ms: number;
    resolution: string;
  };
  standing_approvals: {
    id: string;
    who: string;
    created_ms: number;
    ends_ms: number;
    ended_ms: number | null;
    /** JSON of `DeviceScope`. */
    scope_json: string;
    most: number;
    used: number;
  };
  device_macs: { device_id: string; mac: string; position: number };
  collections: {
    id: string;
    name: string;
    name_key: string;
    limiting_id: string | null;
    built_in: number;
    created_ms: number;
    /** `device` or `user`. */
    kind: string;
  };
  /** Collections whose precedence was set; the others have 1. */
  collection_precedence: { collection_id: string; precedence: number };
  /** Who is a member of custom collections, as it was decided last (store/write-memberships.ts). */
  collection_members: { collection_id: string; device_id: string; since_ms: number };
  /** Devices that were named for a collection by hand. */
  collection_direct_rules: { collection_id: string; device_id: string };
  collection_rules: {
    collection_id: string;
    /** `query`, `include`, `exclude` or `unknown-computer`. */
    kind: string;
    /** Name of a query in lower case, else the value. */
    name_key: string;
    name: string;
    /** The query, the id of the other collection, or the architecture. */
    value: string;
  };
  /** A row for each custom collection. */
  collection_evaluations: {
    collection_id: string;
    member_count: number;
    evaluated_ms: number | null;
    took_ms: number | null;
    /** Since when its members have to be found anew; null: they are those of its rules. */
    pending_ms: number | null;
  };
  variables: {
    owner_kind: string;
    owner_id: string;
    name_key: string;
    name: string;
    /** That of a secret one is sealed (trust/variable-seal.ts). */
    value: string;
    secret: number;
  };
  sequences: {
    id: string;
    name: string;
    name_key: string;
    description: string;
    /** The newest, a draft or not. */
    version: number;
    /**
     * The newest that is ready, of which name, description and disabled are; 0 when there are only drafts,
     * and they are of the newest of them.
     */
    ready_version: number;
    /** 1: its document says that it is disabled. */
    disabled: number;
    created_ms: number;
  };
  sequence_versions: {
    sequence_id: string;
    version: number;
    /** 1: it is no more than kept. */
    draft: number;
    document_json: string;
    document_sha256: string;
    source_text: string;
    source_format: string;
    created_ms: number;
  };
  packages: {
    id: string;
    name: string;
    name_key: string;
    kind: string;
    version: number;
    created_ms: number;
    /** JSON of `SoftwareFacts` of the newest version; empty where it has no software. */
    software_json: string;
  };
  package_versions: {
    package_id: string;
    version: number;
    manifest_json: string;
    /** Of a secret package (trust/variable-seal.ts); '' of any other. */
    sealed_key: string;
    size_bytes: number;
    object_count: number;
    created_ms: number;
  };
  /** Of each driver package the version that was read last; JSON of a `DriverPack`, or why its index cannot be read. */
  driver_catalogs: {
    package_id: string;
    version: number;
    driver_count: number;
    /** With blanks between them. */
    architectures: string;
    categories_json: string;
    pack_json: string | null;
    problem: string | null;
  };
  /** Drivers of those versions; `facts_json` is a `DriverFacts`. */
  drivers: {
    package_id: string;
    number: number;
    inf: string;
    class_name: string;
    provider: string;
    date: string | null;
    driver_version: string | null;
    architectures: string;
    id_count: number;
    facts_json: string;
  };
  /** Ids that they are for, upper case; `base_key` names the device without its board. */
  driver_ids: { package_id: string; number: number; id_key: string; base_key: string };
  /** Objects that a version of a package refers to. */
  package_objects: { package_id: string; version: number; sha256: string };
  /** Objects that came in whole, with what a manifest says of each. */
  objects: { sha256: string; size_bytes: number; chunks_json: string };
  /** Packages that are being sent file by file. */
  uploads: {
    id: string;
    name: string;
    package_id: string | null;
    /** The version it was committed as. */
    version: number | null;
    file_count: number;
    /** 1: too old; what came for it alone is being taken away. */
    expired: number;
    touched_ms: number;
  };
  upload_files: {
    upload_id: string;
    /** The path without case. */
    path_key: string;
    path: string;
    sha256: string;
    size_bytes: number;
  };
  /** Names that a run was granted with and nothing had: the id that stands for each in its document. */
  wanted_packages: { name_key: string; id: string; name: string };
  /** `url` is empty for the server itself. */
  distribution_points: {
    id: string;
    name: string;
    name_key: string;
    url: string;
    enabled: number;
    created_ms: number;
    /** PEM; empty: a CA of the system. */
    ca: string;
  };
  /** What is on a distribution point, as it was last filled or checked: `present` or `damaged`. */
  distribution_point_packages: {
    point_id: string;
    package_id: string;
    version: number;
    state: string;
    detail: string;
    checked_ms: number;
  };
  /** Objects that machines could not have from a distribution point; one row each. */
  distribution_point_faults: {
    point_id: string;
    sha256: string;
    kind: string;
    detail: string;
    reports: number;
    first_ms: number;
    last_ms: number;
  };
  boundary_groups: {
    id: string;
    name: string;
    name_key: string;
    is_default: number;
    /** What `BoundaryGroup` has beside the columns above. */
    settings_json: string;
  };
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
  logs: { run_id: string; start: number; bytes: number; text: string };
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
