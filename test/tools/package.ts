// node test/tools/bootstrap.mjs test/tools/package.ts: builds the extension and packs it into bt-rpc-VERSION.vsix.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** Runs a program of the project's and returns what it printed; throws with that where it fails. */
function run(script: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, script), ...args], {
    cwd: root,
    encoding: 'utf8',
    // vsce would otherwise ask npm, which prints its own warnings among vsce's.
    env: { ...process.env, npm_config_loglevel: 'error' },
  });
  const output = `${stdout}${stderr}`;
  if (status !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${status}:\n${output}`);
  return output;
}

/** Builds `dist/`: both bundles and their declarations. */
export function build(): void {
  run('esbuild.mjs');
}

/**
 * Packs what was built.
 *
 * @returns the path of the package.
 * @throws Error where vsce warns: each of its warnings is something that users would meet.
 */
export function packageExtension(): string {
  const { name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const vsix = path.join(root, `${name}-${version}.vsix`);
  rmSync(vsix, { force: true });
  // There is no public repository yet, so relative links stay as they are.
  const flags = ['--allow-missing-repository', '--no-rewrite-relative-links', '--no-dependencies'];
  const output = run('node_modules/@vscode/vsce/vsce', 'package', '--out', vsix, ...flags);
  if (/warning/i.test(output)) throw new Error(`vsce warns:\n${output}`);
  if (!existsSync(vsix)) throw new Error(`vsce made no package:\n${output}`);
  return vsix;
}

if (import.meta.main) {
  build();
  console.log(packageExtension());
}
