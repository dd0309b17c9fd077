#!/usr/bin/env bash
# Microsoft.ML.Tokenizers 2.0.1: of special tokens that begin alike, the first named is cut out, not the longest.
#
# Expected: with the special tokens "<end" and "<end>", the text "<end>" is the one token "<end>", whatever the order
#           in which they are named. (Hugging Face's tokenizers take the longest.)
# Seen:     it is "<end" followed by ">" when "<end" is named first, because the pretokenizers join the special tokens
#           to one regular expression, in the order of the dictionary.
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
var letters = "<end>".Select((letter, id) => KeyValuePair.Create(letter.ToString(), id));
var shortFirst = Tokens("<end", "<end>");
var longFirst = Tokens("<end>", "<end");
Console.WriteLine($"<end named first:  {shortFirst}");
Console.WriteLine($"<end> named first: {longFirst}");
if ((shortFirst, longFirst) == ("<end | >", "<end>"))
    return 0;
Console.WriteLine("The behaviour has changed.");
return 1;

string Tokens(params string[] named)
{
    var specials = named.Select((text, id) => KeyValuePair.Create(text, 10 + id)).ToDictionary();
    var tokenizer = BpeTokenizer.Create(new BpeOptions(letters)
    {
        SpecialTokens = specials,
        PreTokenizer = PreTokenizer.CreateWhiteSpace(specials),
    });
    return string.Join(" | ", tokenizer.EncodeToTokens("<end>", out _).Select(token => token.Value));
}
PROGRAM
dotnet run
