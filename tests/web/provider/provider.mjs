// A real provider of OpenID Connect on loopback, for tests: whoever types a name is that person.
// It prints its address when it is ready, and ends when its input does.
import http from 'node:http';
import { Provider } from 'oidc-provider';

const [back, home] = process.argv.slice(2);
let answer;
const server = http.createServer((request, response) => answer(request, response));

server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'salesml',
      client_secret: 'hush-hush-hush-hush-hush-hush-hush-hush',
      redirect_uris: [back],
      post_logout_redirect_uris: [home],
      response_types: ['code'],
      grant_types: ['authorization_code'],
    }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['a key for tests only'] },
    pkce: { required: () => true },
    features: { rpInitiatedLogout: { enabled: true } },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: id, email_verified: !id.startsWith('new.'), name: 'Somebody' }),
    }),
  });
  answer = provider.callback();
  console.log(issuer);
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
