/** Name in `counters` of the number that tells one set of rules of collections from another. */
export const RULES_COUNTER = 'collection-rules';
