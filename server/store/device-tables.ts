/** Tables of devices, their collections and their variables. */
export interface DeviceTables {
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
}
