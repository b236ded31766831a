import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readCredentialsRequest } from '../../src/actions/credentials-request';
import { ActionParameters } from '../../src/actions/parameters';
import { clientEndpoints, namesOfPackage, takenName } from '../../src/domain/client-credentials';
import { known, unknown } from '../../src/domain/probe';
import { aClusterMember } from './an-observed';

const read = (values: Readonly<Record<string, unknown>>) => readCredentialsRequest(new ActionParameters(values));

test.each([
  [{}, { format: 'tar', commonName: null, sans: [] }],
  [
    { 'common-name': '', sans: '', format: 'p12' },
    { format: 'p12', commonName: null, sans: [] },
  ],
  [{ 'common-name': 'system:backup@site-1' }, { format: 'tar', commonName: 'system:backup@site-1', sans: [] }],
  [{ 'common-name': 'a'.repeat(64) }, { format: 'tar', commonName: 'a'.repeat(64), sans: [] }],
  [
    { 'common-name': 'backup', sans: 'b.example, 10.0.0.7,FD00::0001,b.example,*.example' },
    { format: 'tar', commonName: 'backup', sans: ['*.example', '10.0.0.7', 'b.example', 'fd00::1'] },
  ],
])('%j is taken', (values, request) => {
  expect(read(values)).toEqual(request);
});

/** Wrong calls, and what the line says. */
const refused: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
  [{ format: 'zip' }, 'The format "zip" is not known'],
  [{ format: 'TAR' }, 'choose tar'],
  [{ 'common-name': 'a'.repeat(65) }, 'has 65 characters'],
  [{ 'common-name': '-subj' }, 'begin with a letter or digit'],
  [{ 'common-name': '/CN=root' }, 'is refused'],
  [{ 'common-name': 'a/b' }, 'is refused'],
  [{ 'common-name': '../../etc/passwd' }, 'is refused'],
  [{ 'common-name': 'my client' }, 'is refused'],
  [{ 'common-name': 'a,CN=root' }, 'is refused'],
  [{ 'common-name': "a';reboot;'" }, 'is refused'],
  [{ 'common-name': '$(reboot)' }, 'is refused'],
  [{ 'common-name': 'a\nb' }, 'is refused'],
  [{ 'common-name': 'a\u0000' }, 'is refused'],
  [{ 'common-name': 'müller' }, 'is refused'],
  [{ 'common-name': '__proto__' }, 'is refused'],
  [{ 'common-name': '10.0.0.5' }, 'addresses are names of servers'],
  [{ 'common-name': 'fd00::5' }, 'addresses are names of servers'],
  [{ sans: 'b.example' }, 'give a common-name'],
  [{ 'common-name': 'a', sans: ',' }, 'The SAN "" is refused'],
  [{ 'common-name': 'a', sans: 'b.example,,c' }, 'The SAN "" is refused'],
  [{ 'common-name': 'a', sans: 'b example' }, 'The SAN "b example" is refused'],
  [{ 'common-name': 'a', sans: 'DNS:b.example' }, 'The SAN "DNS:b.example" is refused'],
  [{ 'common-name': 'a', sans: 'b\nsubjectAltName=c' }, 'is refused'],
  [{ 'common-name': 'a', sans: '-b' }, 'is refused'],
  [{ 'common-name': 'a', sans: `${'b'.repeat(64)}.example` }, 'is refused'],
  [{ 'common-name': 'a', sans: `${'b.'.repeat(150)}example` }, 'is refused'],
  [{ 'common-name': 'a', sans: Array.from({ length: 51 }, (_, number) => `h${number}`).join() }, 'at most 50'],
];
test.each(refused)('%j is refused in one line', (values, words) => {
  const line = read(values);
  expect(typeof line).toBe('string');
  expect(line).toContain(words);
  expect(line).not.toContain('\n');
});

test('a parameter of another type is refused', () => {
  expect(() => read({ 'common-name': 7 })).toThrow('The parameter common-name must be text, not 7');
});

test('Juju refuses by actions.yaml what the charm refuses in a common name', () => {
  type Schema = Record<string, { params: { 'common-name': { pattern: string; maxLength: number } } }>;
  const schema = parse(readFileSync(join(__dirname, '../../actions.yaml'), 'utf8')) as Schema;
  for (const action of ['generate-client-certificates', 'package-client-credentials']) {
    const { pattern, maxLength } = schema[action]?.params['common-name'] ?? { pattern: '', maxLength: 0 };
    for (const [values] of refused) {
      const name = values['common-name'];
      if (name === undefined || name === 'a' || /^[\d.:a-f]+$/.test(name)) continue;
      expect([action, name, new RegExp(pattern, 'u').test(name) && name.length <= maxLength]).toEqual([
        action,
        name,
        false,
      ]);
    }
    expect(new RegExp(pattern, 'u').test('')).toBe(true);
  }
});

test('each named client has a file of its own, and the second action keeps the old names', () => {
  expect(namesOfPackage('generate-client-certificates', 'tar', null)).toEqual({
    file: 'etcd_client_credentials.tar.gz',
    passwordFile: null,
    directory: null,
  });
  expect(namesOfPackage('package-client-credentials', 'tar', null)).toEqual({
    file: 'etcd_credentials.tar.gz',
    passwordFile: null,
    directory: 'etcd_credentials',
  });
  expect(namesOfPackage('generate-client-certificates', 'p12', 'system:backup')).toEqual({
    file: 'etcd_client_credentials-system%3Abackup.p12',
    passwordFile: 'etcd_client_credentials-system%3Abackup.p12.password',
    directory: null,
  });
});

test('the endpoints are the client URLs of all members, whatever their port', () => {
  const observed = aClusterMember({ size: 3 });
  expect(clientEndpoints(observed)).toEqual([0, 1, 2].map((number) => `https://10.0.0.${number + 1}:2379`));
  const { members } = observed.cluster;
  const moved = (members.known ? members.value : []).map((member) => ({
    ...member,
    clientUrls: member.clientUrls.map((url) => url.replace('2379', '4443') as typeof url),
  }));
  expect(clientEndpoints({ ...observed, cluster: { ...observed.cluster, members: known(moved) } })).toEqual(
    [0, 1, 2].map((number) => `https://10.0.0.${number + 1}:4443`),
  );
});

test('without quorum the endpoints are those that the units last told each other', () => {
  const observed = aClusterMember({ size: 3, quorum: known(false) });
  expect(clientEndpoints(observed)).toHaveLength(3);
  const silent = { ...observed.cluster, members: unknown('no member answers') };
  expect(clientEndpoints({ ...observed, cluster: silent })).toHaveLength(3);
  const nobody = { ...observed.peers, own: { value: { ...observed.peers.own.value, voter: false }, pending: false } };
  expect(clientEndpoints({ ...observed, cluster: silent, peers: { ...nobody, others: new Map() } })).toEqual([]);
});

test('names of servers, of the authority and of the shared certificate are taken', () => {
  const observed = aClusterMember({ size: 3 });
  const named = { ...observed, unit: { ...observed.unit, hostname: 'juju-1-lxd-0' } };
  expect(takenName(named, 'backup')).toBeNull();
  expect(takenName(named, 'client')).toContain('leave common-name out');
  for (const name of ['ca', 'juju-1-lxd-0', '10.0.0.1', '10.0.0.3']) expect(takenName(named, name)).toContain(name);
});
