/** The environment variable that tells the suite in the extension host where to write its result. */
export const RESULT_VARIABLE = 'BT_RPC_HOST_RESULT';

/** What the suite writes at its end; an exit code alone is no proof, for it is 0 too when the host went away. */
export interface HostResult {
  readonly vscode: string;
  readonly node: string;
  readonly tests: number;
  /** Title and stack of each test that failed. */
  readonly failed: readonly { readonly title: string; readonly error: string }[];
}

/** What each line that the suite prints begins with: the host prints much else. */
export const SUITE_MARK = '[suite] ';
