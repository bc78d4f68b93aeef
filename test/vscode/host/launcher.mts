#!/usr/bin/env node
// Stands in for VS Code's executable: takes the arguments of @vscode/test-electron's `runTests`, and runs the suite in
// VS Code's server from npm, shown to a browser without a window. Exits with 0 only when the suite proves its end.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startServer } from '../support/server.ts';
import { launchBrowser, Workbench } from '../support/workbench.ts';
import { RESULT_VARIABLE, SUITE_MARK } from './result.ts';

const SUITE_TIMEOUT_MS = 120_000;

const { values } = parseArgs({
  options: {
    extensionTestsPath: { type: 'string' },
    extensionDevelopmentPath: { type: 'string', multiple: true },
  },
  strict: false, // the flags of the desktop's that a server has no use for
});
const suite = String(values.extensionTestsPath);
const extensions = (values.extensionDevelopmentPath ?? []).map(String);
const resultFile = process.env[RESULT_VARIABLE] ?? '';

/** Passes on what the suite prints, and nothing of what else the host has to say. */
function showSuite(line: string): void {
  const start = line.indexOf(SUITE_MARK);
  if (start >= 0) console.log(line.slice(start + SUITE_MARK.length));
}

async function main(): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startServer({ env: { [RESULT_VARIABLE]: resultFile } }));
  const browser = stack.adopt(await launchBrowser(), each => each.close());
  const { promise, resolve } = Promise.withResolvers<number>();
  const timer = setTimeout(() => {
    console.error(`The suite did not end within ${SUITE_TIMEOUT_MS} ms.`);
    resolve(2);
  }, SUITE_TIMEOUT_MS);
  stack.defer(() => clearTimeout(timer));
  // Whoever started this is gone: nothing may stay behind.
  process.stdin.on('end', () => resolve(2)).resume();
  await Workbench.open(browser, {
    port: server.port,
    folder: path.dirname(suite),
    extensions,
    suite: { path: suite, onLog: showSuite, onExit: resolve },
  });
  const code = await promise;
  return existsSync(resultFile) ? code : code || 2;
}

process.exitCode = await main();
process.stdin.destroy();
