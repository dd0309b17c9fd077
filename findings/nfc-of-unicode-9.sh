#!/usr/bin/env bash
# Hugging Face's tokenizers normalise by other versions of Unicode: in Rust by 9 (2016), in JavaScript by the platform's.
#
# Packages: Tokenizers.DotNet 1.4.1 (the Rust library), @huggingface/tokenizers 0.2.0 (npm).
# Needs:    the .NET SDK, Node.js with npm, and their registries.
# Expected: one tokenizer.json with the normalizer NFC gives the same tokens in both, and those of Unicode's form C.
# Seen:     to the Rust library a mark that came after Unicode 9 is a letter: it is not moved (U+1DF9 has class 202), it
#           keeps an accent from the letter before it (U+07FD), and newer pairs are not composed (U+11935 U+11930).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
cat >make.mjs <<'PROGRAM'
import { writeFileSync } from 'node:fs';
// The alphabet of GPT-2 for bytes: one token for each byte, and no merges.
const shown = [];
for (let byte = 0, next = 256; byte < 256; byte++) {
  const own = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  shown.push(String.fromCharCode(own ? byte : next++));
}
const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };
writeFileSync('tokenizer.json', JSON.stringify({
  version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer: { type: 'NFC' },
  pre_tokenizer: bytes, post_processor: null, decoder: bytes,
  model: {
    type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: '', end_of_word_suffix: '',
    fuse_unk: false, byte_fallback: false, ignore_merges: false,
    vocab: Object.fromEntries(shown.map((text, byte) => [text, byte])), merges: [],
  },
}));
PROGRAM
cat >javascript.mjs <<'PROGRAM'
import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
const tokenizer = new Tokenizer(JSON.parse(readFileSync('tokenizer.json', 'utf8')), {});
for (const text of ['a\u1DF9\u0301\u0316', 'a\u07FD\u0301', '\u{11935}\u{11930}', 'e\u0301', 'a\u1AB5\u0301'])
  console.log(Buffer.from(tokenizer.encode(text).ids).toString('hex').toUpperCase());
PROGRAM
npm init -y >/dev/null
npm install --no-audit --no-fund @huggingface/tokenizers@0.2.0 >/dev/null
node make.mjs
node javascript.mjs >javascript.txt
mkdir rust
cd rust
dotnet new console --name Finding --output . >/dev/null
dotnet add package Tokenizers.DotNet --version 1.4.1 >/dev/null
dotnet add package Tokenizers.DotNet.runtime.linux-x64 --version 1.4.1 >/dev/null
cat >Program.cs <<'PROGRAM'
using System.Text;
using Tokenizers.DotNet;

var tokenizer = new Tokenizer("../tokenizer.json");
var javascript = File.ReadAllLines("../javascript.txt");
Console.WriteLine($"Tokenizers.DotNet 1.4.1, @huggingface/tokenizers 0.2.0, .NET {Environment.Version}");
string[] texts = ["a\u1DF9\u0301\u0316", "a\u07FD\u0301", "\U00011935\U00011930", "e\u0301", "a\u1AB5\u0301"];
string[] nine = ["a\u1DF9\u0316\u0301", "a\u07FD\u0301", "\U00011935\U00011930", "\u00E9", "\u00E1\u1AB5"];
string[] newer = ["\u00E1\u1DF9\u0316", "\u00E1\u07FD", "\U00011938", "\u00E9", "\u00E1\u1AB5"];
var asDescribed = true;
for (var i = 0; i < texts.Length; i++)
{
    var rust = Convert.ToHexString([.. tokenizer.Encode(texts[i]).Select(id => (byte)id)]);
    Console.WriteLine($"{Hex(texts[i]),-24} Rust {rust,-24} JavaScript {javascript[i]}");
    asDescribed &= rust == Hex(nine[i]) && javascript[i] == Hex(newer[i]);
}

if (asDescribed)
    return 0;
Console.WriteLine("The behaviour has changed.");
return 1;

string Hex(string text) => Convert.ToHexString(Encoding.UTF8.GetBytes(text));
PROGRAM
dotnet run
