import { credentialSpec } from '../../../src/policy/checks/credential-spec.ts';
import { describeCheck, security } from './support.ts';

const field = 'HostConfig.SecurityOpt[0]';
const found = {
  asks: "takes on an account of the host's domain by a Windows credential spec",
  remedy: 'leave it out (docker run without --security-opt credentialspec=...)',
};

describeCheck(credentialSpec, 'credential-spec', {
  refuses: [
    ...[
      'credentialspec=file://x.json',
      'credentialspec:file://x.json',
      'CredentialSpec=raw://{}',
      'credentialspec',
    ].map(
      (option) =>
        [`the option ${option}`, security({ others: [{ field, option }] }), [{ field, ...found }]] as const,
    ),
    [
      'the file of a service, and not its neighbours',
      {
        hostPaths: [
          { field: 'HostConfig.Binds[0]', path: '/b', mode: 'rw', via: 'bind' },
          { field: 'CredentialSpec.File', path: null, mode: 'ro', via: 'credential-spec' },
        ],
      },
      [{ field: 'CredentialSpec.File', ...found }],
    ],
  ],
  accepts: ['systempaths=unconfined', 'x=credentialspec=y', 'credentialspecs=x'].map(
    (option) =>
      [`the option ${option}, which is another check's`, security({ others: [{ field, option }] })] as const,
  ),
});
