// The setting `language`: in which language new sessions read errors, help and the text form. Operators read English.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Client } from '../support/client.js';
import { temporaryFolder } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';

t.test('with language = "fr" clients read French, and operators English', async (t) => {
  const daemon = hostDaemon(t, { env: { SALOND_LANGUAGE: 'fr' } });
  const port = await daemon.port();
  const alice = await Client.connect(port);
  t.same((await alice.request({ command: 'create_user', first_name: 'A' })).body, {
    command: 'create_user',
    error: 'Il manque un champ dans la requète : username',
    field: 'username',
  });
  await alice.ok('create_user alice Alice Liddell rabbit-hole');
  t.equal(
    (await alice.request('create_user ALICE Alice Liddell rabbit-hole')).body['error'],
    "L'utilisateur existe déjà : ce nom est pris, ou ressemble à un nom déjà pris",
  );
  t.equal(
    (await alice.request('authenticate_user alice wonderland')).body['error'],
    "Échec de l'authentification : nom d'utilisateur ou mot de passe incorrect",
  );
  await alice.ok('authenticate_user alice rabbit-hole');
  t.equal(
    (await alice.request({ command: 'leave_chatroom', username: 'alice', room: '' })).body['error'],
    'room doit compter de 1 à 64 lettres, marques et chiffres de toute écriture, `_`, `.`, `-`, `#` ou `+` ; le premier caractère est une lettre, un chiffre, `#` ou `+`',
  );
  t.match((await alice.request('help ping')).body, { summary: /^Répond par les mêmes données/ });

  const operator = await Client.connect(await daemon.control());
  t.match(await operator.request({ command: 'kick', target: 'bob' }), { body: { error: /^there is no user/ } });
  t.match(await operator.request('help kick'), { body: { summary: /^End/ } });
  t.match(await operator.request({ command: 'kick', target: 'alice' }), { code: 1 });
  t.match(await alice.next(), { code: 199, body: { reason: 'the operator has ended this session' } });
});

t.test('a reload changes the language of new sessions', async (t) => {
  const config = join(temporaryFolder(t), 'salond.toml');
  writeFileSync(config, 'language = "en"\n');
  const daemon = hostDaemon(t, { args: ['--config', config] });
  const port = await daemon.port();
  const before = await Client.connect(port);
  await before.ok('ping');
  writeFileSync(config, 'language = "fr"\n');
  const operator = await Client.connect(await daemon.control());
  t.match(await operator.request('reload'), { code: 1, body: { applied: ['language'], restart: [] } });
  const after = await Client.connect(port);
  const wrong = { command: 'nonsense' };
  t.equal((await before.request(wrong)).body['error'], 'there is no such command; help lists all commands');
  t.equal((await after.request(wrong)).body['error'], "cette commande n'existe pas ; help les donne toutes");
});
