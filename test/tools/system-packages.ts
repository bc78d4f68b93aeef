// The Debian packages that the tests and `npm start` need beyond npm's.
//
//   node test/tools/bootstrap.mjs test/tools/system-packages.ts [PACKAGE…]   installs what is missing; again: does nothing
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

interface SystemPackage {
  /** Why it is needed, in a few words. */
  readonly why: string;
  /**
   * A program that it brings, or the path of another file: found, the package counts as installed, however it came
   * there.
   */
  readonly program: string;
  /** The service that it would run at boot: nothing that we need, our daemons are started by hand. */
  readonly service?: string;
}

/** Every package that anything here needs, and why. */
export const systemPackages = {
  chromium: { why: 'the browser that shows VS Code to the end-to-end tests', program: 'chromium' },
  'transmission-daemon': {
    why: 'a real Transmission to talk to',
    program: 'transmission-daemon',
    service: 'transmission-daemon',
  },
  'qbittorrent-nox': { why: 'a real qBittorrent to talk to', program: 'qbittorrent-nox' },
  deluged: { why: 'a real Deluge to talk to', program: 'deluged', service: 'deluged' },
  rtorrent: { why: 'a real rTorrent to talk to', program: 'rtorrent' },
  'nginx-light': {
    why: 'the web server before rTorrent, and the ends of TLS',
    program: 'nginx',
    service: 'nginx',
  },
  openssl: { why: 'certificates of all kinds for the tests of TLS', program: 'openssl' },
  microsocks: { why: 'a real SOCKS5 proxy', program: 'microsocks' },
  tinyproxy: { why: 'a real HTTP proxy', program: 'tinyproxy', service: 'tinyproxy' },
  'dante-server': { why: 'a real SOCKS4 proxy', program: 'danted', service: 'danted' },
  debootstrap: { why: 'other Debians, for the daemons of theirs', program: 'debootstrap' },
  'python3-rencode': {
    why: 'the codec that Deluge itself uses, to check ours against',
    program: '/usr/lib/python3/dist-packages/rencode/__init__.py',
  },
} as const satisfies Record<string, SystemPackage>;

/** A package of the table. */
export type SystemPackageName = keyof typeof systemPackages;

const describe = (name: SystemPackageName): SystemPackage => systemPackages[name];

/** Whether a program is in PATH, or where Debian keeps those of the administrator. */
export function isInstalled(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/bin', '/usr/sbin'];
  return folders.some(folder => statSync(path.resolve(folder, program), { throwIfNoEntry: false })?.isFile());
}

const missingOf = (names: readonly SystemPackageName[]) =>
  names.filter(name => !isInstalled(describe(name).program));

/** Installs those of the packages that are missing, where it may, and returns those that still are. */
export function ensureSystemPackages(names: readonly SystemPackageName[]): SystemPackageName[] {
  const missing = missingOf(names);
  if (missing.length === 0) return [];
  for (const name of missing) console.log(`Missing: ${name} (${describe(name).why})`);
  const advice = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (!isInstalled('apt-get')) {
    console.log(`This machine has no apt-get. What it would run on Debian: ${advice}`);
    return missing;
  }
  if (process.getuid?.() !== 0) {
    console.log(`Only root may install them: sudo ${advice}`);
    return missing;
  }
  withoutServices(() => install(missing));
  const left = missingOf(missing);
  for (const name of missing) {
    const { service } = describe(name);
    if (service && !left.includes(name) && existsSync(path.join('/etc/init.d', service)))
      run('update-rc.d', [service, 'disable']);
  }
  if (left.length > 0) console.log(`Could not be installed: ${left.join(', ')}. By hand: ${advice}`);
  return left;
}

/** Tries with the lists of packages that are there first: fetching them is only needed where they are none or old. */
function install(names: readonly string[]): boolean {
  const args = ['install', '--yes', '--quiet', '--no-install-recommends', ...names];
  console.log(`Installing ${names.join(', ')} …`);
  if (run('apt-get', args)) return true;
  console.log('Fetching the lists of packages …');
  return run('apt-get', ['update', '--quiet']) && run('apt-get', args);
}

/** Runs something silently, and shows what it said only where it failed. */
function run(command: string, args: readonly string[]): boolean {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return true;
  const said = error ? error.message : `${stdout}${stderr}`.trim().split('\n').slice(-6).join('\n');
  console.log(`${command} ${args.join(' ')} failed:\n${said}`);
  return false;
}

/** Debian asks this script before it starts any service; 101 forbids it. One that is there already is left alone. */
function withoutServices(action: () => boolean): boolean {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return action();
  const remove = () => rmSync(policy, { force: true });
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  process.once('exit', remove);
  try {
    return action();
  } finally {
    remove();
    process.off('exit', remove);
  }
}

if (import.meta.main) {
  const all = Object.keys(systemPackages) as SystemPackageName[];
  const asked = process.argv.slice(2);
  const unknown = asked.filter(name => !(name in systemPackages));
  if (unknown.length > 0)
    console.log(`Not in the table: ${unknown.join(', ')}. There are ${all.join(', ')}.`);
  const missing = ensureSystemPackages(asked.length > 0 ? all.filter(name => asked.includes(name)) : all);
  process.exitCode = missing.length + unknown.length > 0 ? 1 : 0;
}
