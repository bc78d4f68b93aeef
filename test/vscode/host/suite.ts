// What the extension host runs: all `*.suite.cjs` beside this bundle, with mocha.
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';
import * as vscode from 'vscode';
import { type HostResult, RESULT_VARIABLE, SUITE_MARK } from './result.ts';

const TIMEOUT_MS = 20_000;

/** What VS Code calls. Rejects where a test failed. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: TIMEOUT_MS, color: false, reporter: 'spec' });
  Mocha.reporters.Base.consoleLog = (...args: unknown[]) => console.log(SUITE_MARK + format(...args));
  for (const file of readdirSync(__dirname))
    if (file.endsWith('.suite.cjs')) mocha.addFile(path.join(__dirname, file));
  const failed: { title: string; error: string }[] = [];
  const stats = await new Promise<Mocha.Stats | undefined>(resolve => {
    const runner = mocha.run(() => resolve(runner.stats));
    runner.on('fail', (test, error: Error) =>
      failed.push({ title: test.fullTitle(), error: error.stack ?? String(error) }),
    );
  });
  const tests = stats?.tests ?? 0;
  const result: HostResult = { vscode: vscode.version, node: process.version, tests, failed };
  const file = process.env[RESULT_VARIABLE];
  if (file) writeFileSync(file, JSON.stringify(result));
  if (failed.length > 0) throw new Error(`${failed.length} of ${tests} tests failed.`);
}
