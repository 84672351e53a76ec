// A real OpenID Connect provider for the tests; settings come from the JSON file it is given.
import { readFileSync } from 'node:fs';
import { Provider } from 'oidc-provider';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const asked = {};

// The claims of a client or person, as the tests have given them
const claimsOf = (name) => settings.claims[name] ?? {};

const provider = new Provider(settings.issuer, {
  clients: settings.clients,
  jwks: settings.jwks,
  cookies: { keys: ['only for tests'] },
  pkce: { required: () => true },
  conformIdTokenClaims: settings.claims_in_userinfo_only,
  claims: { openid: ['sub'], profile: ['name', 'tenant', 'realm_access'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: id, ...claimsOf(id) }),
  }),
  extraTokenClaims: (_, token) => claimsOf(token.clientId),
  ttl: { ClientCredentials: 600, AccessToken: 600, IdToken: 600, Session: 600, Grant: 600, Interaction: 600 },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      getResourceServerInfo: (_, resource) => ({
        scope: '',
        audience: resource,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: settings.algorithm } },
      }),
    },
  },
});

provider.use(async (context, next) => {
  if (context.path === '/asked') {
    context.body = asked;
    return;
  }
  asked[context.path] = (asked[context.path] ?? 0) + 1;
  await next();
});
provider.listen(settings.port, settings.host);
