/** A method as it is offered to call. */
export interface Method {
  readonly name: string;
  /** One line of what it does; empty where it is not known. */
  readonly summary: string;
  /** Parameters to start from, as JSON; empty for none. */
  readonly template: string;
}
