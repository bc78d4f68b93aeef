// Runs the suite beside this file inside of an extension host, with @vscode/test-electron's `runTests`: in VS Code's
// server from npm, by a launcher of ours in the place of its executable, or in a downloaded desktop VS Code.
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import esbuild from 'esbuild';
import { type HostResult, RESULT_VARIABLE } from './result.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const OUT = path.join(root, 'out/host');

/** Bundles the suite, runs it, and throws where a test failed or the suite did not come to its end. */
export async function runHostTests(where: 'server' | 'desktop'): Promise<void> {
  await rm(OUT, { recursive: true, force: true });
  await mkdir(OUT, { recursive: true });
  await esbuild.build({
    entryPoints: [path.join(import.meta.dirname, 'suite.ts'), path.join(import.meta.dirname, '*.suite.ts')],
    outdir: OUT,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
  const resultFile = path.join(OUT, 'result.json');
  const launcher = path.join(import.meta.dirname, 'launcher.mts');
  await runTests({
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(OUT, 'suite.cjs'),
    extensionTestsEnv: { [RESULT_VARIABLE]: resultFile },
    ...(where === 'server' ? { vscodeExecutablePath: launcher } : { launchArgs: ['--disable-extensions'] }),
  });
  const { vscode, node, tests, failed }: HostResult = JSON.parse(await readFile(resultFile, 'utf8'));
  console.log(`VS Code ${vscode} on Node ${node}: ${tests} tests`);
  if (tests === 0 || failed.length > 0)
    throw new Error(failed.map(({ title, error }) => `${title}\n${error}`).join('\n') || 'No test ran.');
}
