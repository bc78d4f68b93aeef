// Clients as somebody writes them into settings.json by hand: proxies, certificates, credentials, mistakes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, type TestContext, test } from 'node:test';
import { type Certificates, makeCertificates } from '../tools/certificates.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { startQbittorrent } from '../tools/daemons/qbittorrent.ts';
import { startRtorrent } from '../tools/daemons/rtorrent.ts';
import { startTransmission } from '../tools/daemons/transmission.ts';
import { startNginx } from '../tools/nginx.ts';
import { startMicrosocks } from '../tools/proxies.ts';
import type { TreeRow } from './support/view.ts';
import { openVsCode, type VsCode } from './support/vscode.ts';
import { waitFor } from './support/wait.ts';

/** An address with the daemon's credentials in it, as people paste them. */
const withAuth = ({ url, username, password }: Daemon): string =>
  url.replace('://', `://${encodeURIComponent(username)}:${encodeURIComponent(password)}@`);

describe('clients written by hand', () => {
  let vscode: VsCode;
  let workbench: VsCode['workbench'];
  let view: ReturnType<VsCode['workbench']['view']>;
  let transmission: Daemon;
  let qbittorrent: Daemon;
  let certificates: Certificates;
  const stack = new AsyncDisposableStack();
  /** The entries that work so far, as they stand in the setting. */
  let clients: { readonly url: string }[] = [];

  before(async () => {
    transmission = stack.use(await startTransmission());
    qbittorrent = stack.use(await startQbittorrent());
    certificates = stack.use(await makeCertificates());
    vscode = stack.use(await openVsCode({ settings: { 'workbench.localHistory.enabled': false } }));
    workbench = vscode.workbench;
    await workbench.openContainer('BT RPC');
    view = workbench.view('Clients');
  });
  afterEach(t => vscode?.keepEvidence(t as TestContext));
  after(() => stack.disposeAsync());

  /** The setting with these entries in the place of the one before. */
  const write = (entries: readonly unknown[]) => vscode.configure({ 'btRpc.clients': entries });
  const settings = () => readFile(vscode.server.settingsFile, 'utf8');
  const clear = () => workbench.runCommand('Notifications: Clear All Notifications');
  const until = (name: string, description: RegExp) =>
    view.until(`${name} ${description}`, rows =>
      rows.some(row => row.label === name && description.test(row.description)),
    );

  test('a client behind a proxy: both log-ins move into the secret storage, the way goes through it', async () => {
    const proxy = stack.use(await startMicrosocks());
    await write([
      { name: 'Behind', type: 'transmission', url: withAuth(transmission), proxyUrl: withAuth(proxy) },
    ]);
    await workbench.notifications.toast('Credentials of “Behind” were moved').waitFor();
    await clear();
    const [entry] = JSON.parse(await settings())['btRpc.clients'];
    assert.deepEqual(entry, {
      name: 'Behind',
      type: 'transmission',
      url: transmission.url,
      proxyUrl: proxy.url,
    });
    await view.expand('Behind');
    await until('Behind', /^connected/);
    await waitFor('the way in its log', () =>
      proxy.log().includes(`connected to 127.0.0.1:${transmission.port}`),
    );
    const tooltip = await view.tooltip('Behind');
    assert.ok(tooltip.includes(`Route: through ${proxy.url}`), tooltip);
    for (const secret of [transmission.password, proxy.password])
      assert.deepEqual(await vscode.findLeaks(secret), []);
    clients = [entry];

    await proxy.stop();
    await until('Behind', /^failed$/);
    await view.find(['Behind', `Could not connect to proxy 127.0.0.1:${proxy.port}`]);
    // Else a refresh may be faster than the click.
    await vscode.configure({ 'btRpc.refreshInterval': 0 });
    await proxy.restart();
    await view.inlineAction(['Behind', `Could not connect to proxy 127.0.0.1:${proxy.port}`], 'Retry');
    await until('Behind', /^connected/);
    await vscode.configure({ 'btRpc.refreshInterval': undefined });
  });

  test('a self-signed certificate is refused, shown and pinned; the other client notices nothing', async () => {
    const rtorrent = stack.use(await startRtorrent());
    const { port } = new URL(rtorrent.url.replace('scgi:', 'http:'));
    const web = stack.use(
      await startNginx({
        config: `location /RPC2 { include /etc/nginx/scgi_params; scgi_pass 127.0.0.1:${port}; }`,
        tls: certificates.selfSigned,
      }),
    );
    await write([...clients, { name: 'Secure', type: 'rtorrent', url: withAuth(web) }]);
    await workbench.notifications.toast('Credentials of “Secure” were moved').waitFor();
    await clear();
    await view.expand('Secure');
    await until('Secure', /^failed$/);
    const isFailure = ({ label }: TreeRow) => label.includes(certificates.selfSigned.fingerprint256);
    const label = (await view.until('the fingerprint', rows => rows.some(isFailure))).find(isFailure)?.label;
    assert.match(label ?? '', /certificate/i);
    await view.inlineAction(['Secure', label ?? ''], 'Trust Certificate');
    const question = await workbench.dialog.read();
    assert.equal(question.message, 'Trust the certificate of “Secure”?');
    assert.ok(question.detail.includes(certificates.selfSigned.fingerprint256), question.detail);
    await workbench.dialog.press('Trust Certificate');
    await until('Secure', /^connected · \d/);
    const written = JSON.parse(await settings())['btRpc.clients'];
    assert.equal(written[1].tls.fingerprint256, certificates.selfSigned.fingerprint256);
    assert.match(await view.tooltip('Secure'), /Encryption: TLS, pinned certificate, SHA-256/);
    assert.match((await view.find('Behind')).description, /^connected/);
    clients = written;
  });

  test('a file of authorities is enough too; one that cannot be read is said', async () => {
    const web = stack.use(
      await startNginx({
        config: `location / { proxy_pass http://127.0.0.1:${qbittorrent.port}; proxy_set_header Host 127.0.0.1:${qbittorrent.port}; }`,
        tls: certificates.valid,
        username: '',
      }),
    );
    const url = withAuth({ ...qbittorrent, url: web.url } as Daemon);
    await write([...clients, { name: 'Signed', type: 'qbittorrent', url, tls: { caFile: '/nowhere.pem' } }]);
    await workbench.notifications.toast('Credentials of “Signed” were moved').waitFor();
    await clear();
    await view.expand('Signed');
    await until('Signed', /^failed$/);
    const [, , entry] = JSON.parse(await settings())['btRpc.clients'];
    await write([...clients, { ...entry, tls: { caFile: certificates.caFile } }]);
    await until('Signed', /^connected · \d/);
  });

  test('mistakes are items of their own, in their places, and hide no other', async () => {
    await write([
      ...clients,
      { name: 'Behind', type: 'deluge', url: 'localhost' },
      'no entry',
      { name: 'Wrong', type: 'utorrent', url: 'http://localhost' },
      { name: 'Port', type: 'deluge', url: 'localhost:99999' },
      { name: 'Path', type: 'deluge', url: 'localhost/path' },
    ]);
    const rows = await view.eventually('the mistakes', all => {
      const invalid = all.filter(({ description }) => description.startsWith('invalid'));
      assert.deepEqual(
        invalid.map(({ label, description }) => [label, description]),
        [
          ['Behind', 'invalid · Another client has the name "Behind"'],
          ['#4', 'invalid · An entry must be an object with "name", "type" and "url"'],
          ['Wrong', 'invalid · "type" must be one of: transmission, qbittorrent, deluge, rtorrent'],
          ['Port', 'invalid · Invalid port'],
          ['Path', "invalid · Deluge URLs don't have a path"],
        ],
      );
    });
    assert.match(rows[0]?.description ?? '', /^connected/);
    await write(clients);
    await view.gone('Path');
  });

  test('a secret goes to no other address than its own', async () => {
    const seen: (string | undefined)[] = [];
    const stranger = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401).end();
    });
    stranger.listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const { port } = stranger.address() as AddressInfo;
    await write([
      { name: 'Behind', type: 'transmission', url: `http://127.0.0.1:${port}/transmission/rpc` },
      ...clients.slice(1),
    ]);
    await until('Behind', /^failed$/);
    const row = await view.find(['Behind', 'Authentication failed']);
    assert.deepEqual(row.actions, ['Retry', 'Set Credentials…', 'Edit Client…']);
    assert.equal(await workbench.quickInput.widget.filter({ visible: true }).count(), 0);
    assert.deepEqual(new Set(seen), new Set([undefined]));
    // Refused credentials are not tried again by themselves.
    const { length } = seen;
    await workbench.runCommand('BT RPC: Refresh');
    await workbench.notifications.toast('Behind: Authentication failed').waitFor();
    await clear();
    assert.equal(seen.length, length);
    stranger.close();
    stranger.closeAllConnections();
    await write(clients);
    await until('Behind', /^connected/);
  });

  test('Set Credentials asks which, and Clear Credentials finds what vanished clients left', async () => {
    const { quickInput, dialog } = workbench;
    await write([...clients, { name: 'qB', type: 'qbittorrent', url: qbittorrent.url }]);
    await view.expand('qB');
    await view.find(['qB', 'Authentication failed']);
    await view.choose('qB', 'Set Credentials…');
    await quickInput.step({ placeholder: 'Choose what to set' });
    assert.deepEqual(
      (await quickInput.items()).map(({ label }) => label),
      ['User Name and Password', 'API Key'],
    );
    await quickInput.pick('User Name and Password');
    await quickInput.step({ message: 'User name' });
    await quickInput.accept(qbittorrent.username);
    await quickInput.step({ message: 'Password' });
    await quickInput.accept(qbittorrent.password);
    await until('qB', /^connected/);

    await write(clients);
    await view.gone('qB');
    await workbench.runCommand('BT RPC: Clear Credentials…');
    await quickInput.step({ title: 'Clear Credentials' });
    await quickInput.eventually('whose there are', items =>
      assert.deepEqual(
        items.map(({ label, description }) => [label, description]),
        [
          ['Behind', transmission.url],
          ['qB', 'no longer in the settings'],
          ['Secure', `${clients[1]?.url}/RPC2`],
          ['Signed', 'no longer in the settings'],
        ],
      ),
    );
    await quickInput.pick('qB');
    assert.equal((await dialog.read()).message, 'Clear the credentials of “qB”?');
    await dialog.press('Clear Credentials');
    await workbench.runCommand('BT RPC: Clear Credentials…');
    await quickInput.step({ title: 'Clear Credentials' });
    await waitFor('qB gone', async () => (await quickInput.items()).every(({ label }) => label !== 'qB'));
    await quickInput.pick('Behind');
    await dialog.press('Clear Credentials');
    await view.find(['Behind', 'Proxy authentication failed']);
  });
});

test('what a workspace says does not count, in Restricted Mode and out of it', async t => {
  await using daemon = await startTransmission();
  const entry = (name: string, url: string) => ({ name, type: 'transmission', url });
  for (const workspaceTrust of [true, false]) {
    const vscode = await openVsCode(
      {
        workspaceTrust,
        settings: { 'btRpc.clients': [entry('Mine', withAuth(daemon))] },
        files: {
          '.vscode/settings.json': JSON.stringify({
            'btRpc.clients': [entry('Mine', 'http://127.0.0.1:1'), entry('Theirs', 'http://127.0.0.1:2')],
          }),
        },
      },
      t,
    );
    const { workbench, agent } = vscode;
    assert.equal(await agent.run(api => api.workspace.isTrusted), !workspaceTrust);
    await workbench.openContainer('BT RPC');
    const view = workbench.view('Clients');
    await view.expand('Mine');
    const rows = await view.until('Mine connected', all => /^connected/.test(all[0]?.description ?? ''));
    assert.deepEqual(
      rows.map(({ label }) => label),
      ['Mine'],
    );
  }
});
