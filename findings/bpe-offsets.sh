#!/usr/bin/env bash
# Microsoft.ML.Tokenizers 2.0.1: the offsets of a BpeTokenizer's tokens are not always where the tokens stand.
#
# Expected: the offset of a token that ends with a character outside the basic plane holds both halves of its surrogate
#           pair; and a token after a character that the vocabulary does not have keeps its own place.
# Seen:     the offset ends after the first half of the pair, so that text[token.Offset] is half a character; and the
#           unknown character is left out without a word, and tokens after it in the same word are shifted to its place.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet new console --name Finding --output . >/dev/null
dotnet add package Microsoft.ML.Tokenizers --version 2.0.1 >/dev/null
cat >Program.cs <<'PROGRAM'
using System.Reflection;
using Microsoft.ML.Tokenizers;

var version = typeof(BpeTokenizer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
Console.WriteLine($"Microsoft.ML.Tokenizers {version!.InformationalVersion.Split('+')[0]}, .NET {Environment.Version}");

// The byte-level spelling of U+1F600, which takes the units 1 and 2 of the text, and its merges to one token.
string[] spellings = ["a", "b", "ð", "Ł", "ĺ", "Ģ", "ðŁ", "ðŁĺ", "ðŁĺĢ"];
var pair = Offsets(
    new BpeOptions(spellings.Select(KeyValuePair.Create<string, int>))
    {
        ByteLevel = true,
        Merges = ["ð Ł", "ðŁ ĺ", "ðŁĺ Ģ"],
        PreTokenizer = PreTokenizer.CreateWhiteSpace(),
    },
    "a\U0001F600b");
var unknown = Offsets(new BpeOptions([new("a", 0), new("b", 1)]), "axb axb");
Console.WriteLine($"a, U+1F600, b: {pair}");
Console.WriteLine($"axb axb:       {unknown}");
if ((pair, unknown) == ("0..1 1..2 3..4", "0..1 1..2 4..5 5..6"))
    return 0;
Console.WriteLine("The behaviour has changed.");
return 1;

static string Offsets(BpeOptions options, string text) =>
    string.Join(' ', BpeTokenizer.Create(options).EncodeToTokens(text, out _).Select(token => token.Offset));
PROGRAM
dotnet run
