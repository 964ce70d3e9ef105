import { describe, expect, it } from 'vitest';
import { ask } from './ask.ts';

const registries = (line: string, body?: object) => ask(line, body).registries;

describe('a registry', () => {
  it.each([
    ['', 'docker.io'],
    ['https://index.docker.io/v1/', 'docker.io'],
    ['docker.io', 'docker.io'],
    ['registry.example.com', 'registry.example.com'],
    ['https://registry.example.com:5000/v2/?a=b#c', 'registry.example.com:5000'],
    ['http://10.0.0.1', '10.0.0.1'],
    ['REG.Example.com/x', 'reg.example.com'],
    ['https://good.example.com@10.0.0.1/v2/', '10.0.0.1'],
    ['good.example.com@evil', 'evil'],
    ['https://a@b@evil', 'evil'],
    ['https://evil?@good.example.com', 'evil'],
    ['https://evil#@good.example.com/', 'evil'],
    ['https://[fe80::1]:5000/', '[fe80::1]:5000'],
    ['HTTPS://evil/', 'https:'],
    ['ftp://evil/', 'ftp:'],
  ])('gets the password that is given with the address %j', (serveraddress, registry) => {
    const body = { username: 'u', password: 'p', serveraddress };
    expect(registries('POST /v1.56/auth', body)).toEqual([{ field: 'serveraddress', registry }]);
  });

  it('is Docker Hub for a password without an address', () => {
    expect(registries('POST /v1.56/auth', { username: 'u' })).toMatchObject([{ registry: 'docker.io' }]);
  });

  it.each([
    ['nginx', 'docker.io'],
    ['vieux/sshfs', 'docker.io'],
    ['10.0.0.1:5000/x', '10.0.0.1:5000'],
    ['localhost/x', 'localhost'],
    ['index.docker.io/x', 'docker.io'],
  ])('is searched for %s', (term, registry) => {
    expect(registries(`GET /v1.56/images/search?term=${encodeURIComponent(term)}`)).toEqual([
      { field: 'query term', registry },
    ]);
  });

  it('is asked about an image', () => {
    const facts = ask('GET /v1.56/distribution/10.0.0.1:5000/x/json');
    expect(facts.registries).toEqual([{ field: 'path name', registry: '10.0.0.1:5000' }]);
    expect(facts.image).toMatchObject({ field: 'path name', reference: '10.0.0.1:5000/x:latest' });
    expect(facts.images).toEqual([facts.image]);
  });
});
