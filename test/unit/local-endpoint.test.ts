import { listeningAt } from '../../src/ports/local-endpoint';

describe('where the own member is asked', () => {
  test.each([
    ['listen-client-urls: "https://0.0.0.0:2379"\n', 'https://127.0.0.1:2379'],
    ['name: "x"\nlisten-client-urls: "http://127.0.0.1:4001,https://0.0.0.0:2479"\n', 'https://127.0.0.1:2479'],
    ['listen-client-urls: "https://[::]:2379"\n', 'https://127.0.0.1:2379'],
    ['listen-client-urls: "https://127.64.0.10:2379"\n', 'https://127.64.0.10:2379'],
    ['listen-client-urls: "https://[fd00::5]:2379"\n', 'https://[fd00::5]:2379'],
    ["listen-client-urls: 'https://10.0.0.5:2379'\n", 'https://10.0.0.5:2379'],
    ['listen-client-urls: "http://127.0.0.1:4001"\n', null],
    ['name: "etcd0"\n', null],
  ])('%j', (text, endpoint) => {
    expect(listeningAt(text)).toBe(endpoint);
  });
});
