// `npm start`, as somebody who tries the project meets it.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { DaemonKind } from '../tools/daemons/daemon.ts';
import { DEMOS } from '../tools/demo.ts';
import { waitFor } from './support/wait.ts';
import { launchBrowser, Workbench } from './support/workbench.ts';

const root = path.resolve(import.meta.dirname, '../..');
const START_TIMEOUT_MS = 120_000;
/** A daemon that missed the other at its first attempt looks for it again in half a minute. */
const EXCHANGE_TIMEOUT_MS = 90_000;
/** How many torrents each daemon has. */
const COUNTS: { readonly [Kind in DaemonKind]: number } = {
  transmission: 5,
  qbittorrent: 6,
  deluge: 5,
  rtorrent: 3,
};

/** The processes below one, by what they run. */
async function descendants(pid: number): Promise<string[]> {
  const ps = spawn('ps', ['-e', '-o', 'pid=,ppid=,args='], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of ps.stdout) text += chunk;
  const rows = [...text.matchAll(/^ *(\d+) +(\d+) +(.*)$/gm)].map(([, id, parent, args]) => ({
    id: Number(id),
    parent: Number(parent),
    args: args ?? '',
  }));
  const below = (parent: number): typeof rows =>
    rows.filter(row => row.parent === parent).flatMap(row => [row, ...below(row.id)]);
  return below(pid).map(({ id, args }) => `${id} ${args}`);
}

function startProject(t: TestContext): { readonly child: ChildProcess; output(): string } {
  const child = spawn(process.execPath, ['test/tools/bootstrap.mjs', 'test/tools/start.ts'], {
    cwd: root,
    env: { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '' },
    detached: true, // a process group of its own, which is what Ctrl+C reaches
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk));
  t.after(() => {
    if (child.exitCode === null) process.kill(-(child.pid as number), 'SIGKILL');
  });
  return { child, output: () => output };
}

test('npm start shows each daemon in a VS Code that keeps secrets; Ctrl+C leaves nothing running', async t => {
  const { child, output } = startProject(t);
  const opened = () => /^Open (http:\S+)$/m.exec(output())?.[1];
  await waitFor('the address to open', () => child.exitCode !== null || opened(), START_TIMEOUT_MS);
  const address = opened();
  assert.ok(address, output());
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const workbench = await Workbench.visit(browser, address);
  await workbench.openContainer('BT RPC');
  const view = workbench.view('Clients');
  await view.expand('Transmission');
  await view.find(['Transmission', 'linux-6.18.tar.xz']);
  // The page is loaded again: what logs in now comes out of the secret storage.
  await workbench.reload();
  await workbench.openContainer('BT RPC');
  await view.expand('Transmission');
  await view.find(['Transmission', 'linux-6.18.tar.xz']);
  await workbench.screenshot(path.join(root, 'out/screenshots/start.png'));
  for (const [kind, count] of Object.entries(COUNTS)) {
    const { label } = DEMOS[kind as DaemonKind];
    await view.expand(label);
    await view.until(`${label} connected`, rows =>
      rows.some(row => row.label === label && row.description.includes(` · ${count} torrents`)),
    );
    await view.collapse(label);
  }
  for (const label of ['qBittorrent', 'Deluge'])
    await view.until(
      `${label} exchanges files`,
      rows => rows.some(row => row.label === label && /↓ .* ↑ /.test(row.description)),
      EXCHANGE_TIMEOUT_MS,
    );

  const running = await descendants(child.pid as number);
  assert.ok(running.some(line => line.includes('transmission-daemon')));
  assert.ok(running.some(line => line.includes('server-main.js')));
  process.kill(-(child.pid as number), 'SIGINT');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0, output());
  await waitFor('the end of all that was started', () => {
    for (const line of running) {
      try {
        process.kill(Number(line.split(' ')[0]), 0);
        return false;
      } catch {
        // It is gone.
      }
    }
    return true;
  });
});
