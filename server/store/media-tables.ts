/** Rows of media: migrations/0032-media.ts. */
export interface MediaTables {
  media: {
    media_id: string;
    kind: string;
    label: string;
    form: string;
    state: string;
    /** Host name of the server that has the files. */
    server: string;
    made_by: string;
    created_ms: number;
    finished_ms: number | null;
    size_bytes: number;
    /** SubjectPublicKeyInfo in base64: what machines that start from the media prove themselves by. */
    public_key: string;
    valid_from_ms: number | null;
    valid_until_ms: number | null;
    unknown_computers: number;
    password: number;
    facts_json: string;
    error_json: string;
    blocked_ms: number | null;
    blocked_reason: string;
  };
}
