// node test/tools/bootstrap.mjs SCRIPT [ARGS…]: runs a script on the project's own Node.
//
// Plain JavaScript without dependencies, for it runs on whatever Node ≥ 20 a fresh machine has: it installs the npm
// packages where package-lock.json asks for others than are there, checks that the project's Node really runs, and
// hands over to it.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const stamp = path.join(root, 'node_modules/.bt-rpc-installed');
const node = path.join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
const LOWEST_MAJOR = 22;

const npm = args => {
  const { status } = spawnSync('npm', args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) fail(`npm ${args.join(' ')} ended with ${status}.`);
};

const fail = message => {
  console.error(message);
  process.exit(1);
};

/** The version of the project's Node, or undefined where it does not run. */
const nodeVersion = () => {
  const { stdout, status } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
};

const wanted = createHash('sha256')
  .update(readFileSync(path.join(root, 'package-lock.json')))
  .update(`${process.platform}-${process.arch}`)
  .digest('hex');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  console.log('Installing the npm packages …');
  // Its warnings are about the Node that npm runs on, which is not the one that runs the packages.
  npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, wanted);
}
if (!nodeVersion()) npm(['rebuild', 'node', 'node-floor']);
const version = nodeVersion();
if (!version) fail(`The npm package "node" brought no Node that runs here (${node}).`);
if (Number.parseInt(version.slice(1), 10) < LOWEST_MAJOR)
  fail(`Node ${LOWEST_MAJOR} or newer is needed, ${node} is ${version}.`);

const [script, ...args] = process.argv.slice(2);
if (!script) fail('usage: node test/tools/bootstrap.mjs SCRIPT [ARGS…]');
const env = { ...process.env, PATH: path.dirname(node) + path.delimiter + process.env.PATH };
const child = spawn(node, [path.resolve(root, script), ...args], { cwd: root, stdio: 'inherit', env });
// Ctrl+C reaches the child by itself (same process group); this process only has to outlive it.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
