/** Tables of task sequences, packages, drivers and where their content lies. */
export interface ContentTables {
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
  /** Images that machines captured, by the upload that brought each. */
  captures: {
    upload_id: string;
    run_id: string;
    step_id: string;
    package_id: string;
    version: number;
    sha256: string;
    at_ms: number;
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
}
