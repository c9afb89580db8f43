/** What keeps the agent from beginning: a stable dotted code, and what to do about it. */
export class AgentError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.name = 'AgentError';
    this.code = code;
    this.hint = hint;
  }
}
