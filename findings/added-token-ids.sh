#!/usr/bin/env bash
# Hugging Face's tokenizers in Rust do not read the ids of added tokens, those in JavaScript do.
#
# Packages: Tokenizers.DotNet 1.4.1 (the Rust library), @huggingface/tokenizers 0.2.0 (npm).
# Needs:    the .NET SDK, Node.js with npm, and their registries.
# Expected: an entry of added_tokens in tokenizer.json, which has an id, gives its token that id.
# Seen:     to the Rust library the ids go on from the size of the vocabulary in the order of the file: 256 and 257 for
#           tokens whose entries say 301 and 300. JavaScript gives 301 and 300.
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
const added = (id, content) =>
  ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true });
writeFileSync('tokenizer.json', JSON.stringify({
  version: '1.0', truncation: null, padding: null, added_tokens: [added(301, '<x>'), added(300, '<y>')],
  normalizer: null, pre_tokenizer: bytes, post_processor: null, decoder: bytes,
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
console.log(Array.from(tokenizer.encode('<x><y>').ids).join(' '));
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
using Tokenizers.DotNet;

var rust = string.Join(' ', new Tokenizer("../tokenizer.json").Encode("<x><y>"));
var javascript = File.ReadAllText("../javascript.txt").Trim();
Console.WriteLine($"Tokenizers.DotNet 1.4.1, @huggingface/tokenizers 0.2.0, .NET {Environment.Version}");
Console.WriteLine($"the file says 301 300, Rust gives {rust}, JavaScript {javascript}");
var asDescribed = (rust, javascript) == ("256 257", "301 300");
if (!asDescribed)
    Console.WriteLine("The behaviour has changed.");
return asDescribed ? 0 : 1;
PROGRAM
dotnet run
