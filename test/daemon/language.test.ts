// The setting `language`: in which language new sessions read errors, help and the text form. Operators read English.
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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
    (await alice.request({ command: 'leave_chatroom', username: 'alice', room: 'a b' })).body['error'],
    'room doit compter de 1 à 64 lettres, marques et chiffres de toute écriture, `_`, `.`, `-`, `#` ou `+` ; le premier caractère est une lettre, un chiffre, `#` ou `+` ; lu : « a b »',
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
  t.equal((await before.request(wrong)).body['error'], 'there is no command "nonsense"; help lists all commands');
  t.equal((await after.request(wrong)).body['error'], "il n'y a pas de commande « nonsense » ; help les donne toutes");
});

/** A connection that reads lines in any form. */
class Reader {
  readonly #lines: AsyncIterator<string>;

  constructor(private readonly socket: Socket) {
    this.#lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  async next(): Promise<string> {
    const { value } = (await this.#lines.next()) as { readonly value: string };
    return value;
  }

  ask(line: string): Promise<string> {
    this.socket.write(`${line}\n`);
    return this.next();
  }
}

t.test('people who ask for text read sentences in their language', async (t) => {
  const port = await hostDaemon(t).port();
  const connected = (): Reader => {
    const socket = connect(port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    return new Reader(socket);
  };
  const [alice, bob] = [connected(), connected()];
  t.match(
    await alice.ask('{"command":"set_session","form":"text","language":"fr"}'),
    /^1\tSuccès\. Réglages : form text ; events all ; names oui ; .* ; language fr$/,
  );
  t.match(await bob.ask('{"command":"set_session","form":"text"}'), /^1\tsettings: form text; events all; names yes; /);
  const made = await alice.ask('create_user alice Alice Liddell rabbit-hole');
  t.equal(made, "1\tSuccès. L'utilisateur alice (Alice Liddell) est créé");
  t.equal(await bob.ask('create_user bob Bob Fisher wonderland'), '1\tthe user bob (Bob Fisher) is made');
  const login = await alice.ask('authenticate_user alice rabbit-hole');
  t.equal(login, "1\tSuccès de l'authentification : vous êtes alice");
  t.equal(await bob.ask('authenticate_user bob wonderland'), '1\tyou are logged in as bob');
  const joined = await alice.ask('join_chatroom alice lobby');
  t.equal(joined, '1\tSuccès. Vous êtes dans lobby (propriétaire) ; présents : 1 (alice)');
  t.equal(await bob.ask('join_chatroom bob lobby'), '1\tyou are in lobby (member); here: 2 (alice, bob)');
  t.equal(await alice.next(), '101\tlobby : bob est entré');
  t.equal(await bob.ask('chatroom_message bob lobby hello, world'), '1\tsent to lobby (#1)');
  t.match(await alice.next(), /^100\t\d\d:\d\d lobby <bob> hello, world$/);
  const left = await alice.ask('{"command":"kick_user","room":"lobby","user":"bob","reason":"bruit"}');
  t.equal(left, '102\tlobby : bob a été mis dehors');
  t.equal(await alice.next(), "1\tSuccès. L'utilisateur est sorti du salon");
  t.equal(await bob.next(), '106\talice has put you out of lobby: bruit');
  t.equal(await alice.ask('delete_chatroom lobby'), '1\tSuccès. Le salon est supprimé');
  t.match(await alice.ask('leave_chatroom alice lobby'), "10\tcette session n'a pas rejoint ce salon");
  t.equal(await alice.ask('quit'), '1\tSuccès. Au revoir');
});
