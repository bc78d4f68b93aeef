// Certificates of all kinds, made by the openssl program: good ones, and each that has one thing wrong with it.
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { isInstalled } from './system-packages.ts';

/** A certificate and its key, each as text and as the path of a file in PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  readonly cert: string;
  readonly keyText: string;
  /** As an error shows it: upper case, with colons. */
  readonly fingerprint256: string;
}

/** A private authority and what it has signed; disposing removes the files. */
export interface Certificates extends AsyncDisposable {
  /** The authority, in PEM. */
  readonly ca: string;
  /** The authority as a file. */
  readonly caFile: string;
  /** For `localhost`, 127.0.0.1 and ::1, signed by the authority. */
  readonly valid: Certificate;
  /** As {@link valid}, another one. */
  readonly other: Certificate;
  /** As {@link valid}, but of yesterday. */
  readonly expired: Certificate;
  /** For `elsewhere.test` only. */
  readonly wrongName: Certificate;
  /** For the same hosts, signed by itself. */
  readonly selfSigned: Certificate;
}

const run = promisify(execFile);
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const HERE = 'DNS:localhost,IP:127.0.0.1,IP:::1';

/** Makes them all in a folder of their own, in a second. */
export async function makeCertificates(): Promise<Certificates> {
  if (!isInstalled('openssl')) throw new Error('openssl is not installed (Debian package openssl).');
  const home = await mkdtemp(path.join(tmpdir(), 'bt-rpc-certificates-'));
  const openssl = (...args: string[]) => run('openssl', args, { cwd: home });

  const read = async (name: string): Promise<Certificate> => {
    const [certificate, key] = ['pem', 'key'].map(ext => path.join(home, `${name}.${ext}`)) as [
      string,
      string,
    ];
    const [cert, keyText] = await Promise.all([readFile(certificate, 'utf8'), readFile(key, 'utf8')]);
    return { certificate, key, cert, keyText, fingerprint256: new X509Certificate(cert).fingerprint256 };
  };
  const selfSign = async (name: string, subject: string, ...extra: string[]) => {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
    await openssl('req', '-x509', ...KEY, ...files, '-subj', subject, '-days', '2', ...extra);
    return read(name);
  };
  const sign = async (name: string, hosts: string, days = 2) => {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.csr`];
    await openssl(
      'req',
      '-new',
      ...KEY,
      ...files,
      '-subj',
      `/CN=${name}`,
      '-addext',
      `subjectAltName=${hosts}`,
    );
    const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy'];
    await openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...authority,
      '-days',
      `${days}`,
      '-out',
      `${name}.pem`,
    );
    return read(name);
  };

  const ca = await selfSign('ca', '/CN=BT RPC test authority');
  return {
    ca: ca.cert,
    caFile: ca.certificate,
    valid: await sign('valid', HERE),
    other: await sign('other', HERE),
    expired: await sign('expired', HERE, -1),
    wrongName: await sign('wrong-name', 'DNS:elsewhere.test'),
    selfSigned: await selfSign('self-signed', '/CN=self-signed', '-addext', `subjectAltName=${HERE}`),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}
