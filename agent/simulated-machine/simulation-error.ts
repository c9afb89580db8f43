/** What keeps a simulation from being made, or from coming to an end. */
export class SimulationError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  constructor(code: string, message: string, options: { readonly hint?: string } = {}) {
    super(message);
    this.name = 'SimulationError';
    this.code = code;
    this.hint = options.hint;
  }
}
