// The words by which messages are searched (src/text/words.ts).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { queryOf, wordsOf } from '../../src/text/words.js';

/** Whether a message with that text is found by the query. */
function finds(query: string, text: string): boolean {
  const words = wordsOf(text);
  return queryOf(query).every(({ word, isBeginning }) =>
    words.some((each) => (isBeginning ? each.startsWith(word) : each === word)),
  );
}

t.test('case, accents, widths and compatibility forms are folded', async (t) => {
  t.same(wordsOf("Don't PANIC, it's 42!"), ['don', 't', 'panic', 'it', 's', '42']);
  t.same(wordsOf('Crème Brûlée — ÉCLAIR'), ['creme', 'brulee', 'eclair']);
  t.same(wordsOf('STRASSE straße ﬁn Ｗｉｄｅ'), ['strasse', 'strasse', 'fin', 'wide']);
  t.same(wordsOf('Ἀθῆναι Ёлка'), ['αθηναι', 'елка']);
  t.same(wordsOf(' \u{1f600} … '), []);
  for (const [query, text] of [
    ['cafe\u0301', 'CAFÉ'],
    ['naïve', 'naive'],
    ['한국어', '한국어 공부'],
    ['हिन्दी', 'यह हिन्दी है'],
  ] as const)
    t.ok(finds(query, text), query);
  t.notOk(finds('हिन्दा', 'यह हिन्दी है'), 'a vowel is no accent');
  // Written as code points, since points are hard to see in an editor: shalom, Bereshit with cantillation, Muhammad.
  for (const [plain, pointed] of [
    ['\u05e9\u05dc\u05d5\u05dd', '\u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd'],
    ['\u05e9\u05dc\u05d5\u05dd', '\ufb2a\u05b8\u05dc\ufb4b\u05dd'],
    [
      '\u05d1\u05e8\u05d0\u05e9\u05d9\u05ea',
      '\u05d1\u05bc\u05b0\u05e8\u05b5\u05d0\u05e9\u05c1\u05b4\u0596\u05d9\u05ea',
    ],
    ['\u0645\u062d\u0645\u062f', '\u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f'],
    ['\u0645\u062d\u0645\u062f', '\u0645\u062d\u0640\u0640\u0645\u062f'],
    ['\u0642\u0627\u0644\u0648\u0627', '\u0642\u0627\u0644\u0648\u0627\u06d6'],
    ['\u072b\u0720\u0721\u0710', '\u072b\u0720\u0733\u0721\u0733\u0710'],
  ] as const) {
    t.ok(finds(plain, pointed), pointed);
    t.ok(finds(pointed, plain), `${plain}, asked for with points`);
  }
});

t.test('what is written without spaces is found wherever it stands', async (t) => {
  t.same(wordsOf('東京都 abc漢字'), ['東京', '京都', '都', 'abc', '漢字', '字']);
  for (const [query, text] of [
    ['京都', '私は東京都に住んでいます'],
    ['都', '東京都'],
    ['東', '東京都'],
    ['住んで', '私は東京都に住んでいます'],
    ['コーヒー', 'ｺｰﾋｰを飲む'],
    ['聊天', '我们在这里聊天吧'],
    ['สวัสดี', 'ทุกคนสวัสดีครับ'],
    ['ครับ', 'ทุกคนสวัสดีครับ'],
  ] as const)
    t.ok(finds(query, text), query);
  t.notOk(finds('がか', 'かか'), 'the marks of kana make other letters');
  t.notOk(finds('大阪', '私は東京都に住んでいます'));
});

t.test('long words are cut alike, and a query has each word once', async (t) => {
  t.ok(finds('x'.repeat(100), `a ${'x'.repeat(100)} b`));
  t.equal(wordsOf(`éa${'𐐨'.repeat(60)}`)[0]?.length, 64);
  t.equal(wordsOf(`é${'𐐨'.repeat(60)}`)[0]?.length, 63, 'no half of a character');
  t.same(queryOf('Tea tea TEA té'), [
    { word: 'tea', isBeginning: false },
    { word: 'te', isBeginning: false },
  ]);
  t.same(queryOf('!?'), []);
});

t.test('a text is found by each of its pieces that are words, and by itself', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
      assert.ok(finds(text, text));
      assert.ok(finds(text.toUpperCase(), text.toUpperCase()));
      for (const piece of text.split(/\s+/)) assert.ok(finds(piece, text), piece);
      for (const word of wordsOf(text)) assert.match(word, /^[\p{L}\p{N}\p{M}]+$/u);
    }),
  );
});
