#!/usr/bin/env bash
# Microsoft.ML.Tokenizers 2.0.1: the time of a BpeTokenizer grows with the square of a word's length.
#
# Expected: about n log n, as the merges come from a priority queue: eight times the letters take ten times as long.
# Seen:     eight times the letters take some fifty times as long. After merging, the symbols that were merged away are
#           removed from an array one by one, and each removal moves all that stands behind it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet new console --name Finding --output . >/dev/null
dotnet add package Microsoft.ML.Tokenizers --version 2.0.1 >/dev/null
cat >Program.cs <<'PROGRAM'
using System.Diagnostics;
using System.Reflection;
using Microsoft.ML.Tokenizers;

var version = typeof(BpeTokenizer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
Console.WriteLine($"Microsoft.ML.Tokenizers {version!.InformationalVersion.Split('+')[0]}, .NET {Environment.Version}");
var tokenizer = BpeTokenizer.Create(new BpeOptions([new("a", 0), new("aa", 1)]) { Merges = ["a a"] });
var (few, many) = (Milliseconds(10_000), Milliseconds(80_000));
Console.WriteLine($"10,000 letters: {few:F1} ms, 80,000 letters: {many:F1} ms, {many / few:F0} times as long");
if (many / few > 20)
    return 0;
Console.WriteLine("The behaviour has changed.");
return 1;

// The least processor time of several runs.
double Milliseconds(int letters)
{
    var word = new string('a', letters);
    var least = double.MaxValue;
    for (var run = 0; run < 15; run++)
    {
        var start = Process.GetCurrentProcess().TotalProcessorTime;
        tokenizer.CountTokens(word);
        least = Math.Min(least, (Process.GetCurrentProcess().TotalProcessorTime - start).TotalMilliseconds);
    }

    return least;
}
PROGRAM
dotnet run --configuration Release
