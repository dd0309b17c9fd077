#!/usr/bin/env bash
# Writes the token ids in tests/RatIlgpu.Tests/Text/rust-tokens.json anew, by Hugging Face's tokenizers 0.22.2 (Rust), as
# the packages Tokenizers.DotNet and Tokenizers.DotNet.runtime.linux-x64, version 1.4.1, have that library. Each case of
# the file has a name, a tokenizer.json, and texts with their ids; ids of a new text may be left out.
# Needs: the .NET SDK and a package registry. Use: bash tests/reference/rust_tokens.sh
set -euo pipefail
file=$(realpath "$(dirname "$0")/../RatIlgpu.Tests/Text/rust-tokens.json")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet new console --name Reference --output . >/dev/null
dotnet add package Tokenizers.DotNet --version 1.4.1 >/dev/null
dotnet add package Tokenizers.DotNet.runtime.linux-x64 --version 1.4.1 >/dev/null
cat >Program.cs <<'PROGRAM'
using System.Text.Json.Nodes;
using Tokenizers.DotNet;

var cases = JsonNode.Parse(File.ReadAllText(args[0]))!.AsArray();
foreach (var one in cases)
{
    File.WriteAllText("tokenizer.json", one!["tokenizer"]!.ToJsonString());
    var tokenizer = new Tokenizer("tokenizer.json");
    foreach (var text in one["texts"]!.AsArray())
        text!["ids"] = new JsonArray([.. tokenizer.Encode((string)text["text"]!).Select(id => JsonValue.Create(id))]);
}

File.WriteAllText(args[0], "[\n" + string.Join(",\n", cases.Select(one => one!.ToJsonString())) + "\n]\n");
PROGRAM
dotnet run -- "$file"
