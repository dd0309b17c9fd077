#!/usr/bin/env bash
# Microsoft.NETCore.App.Crossgen2, .NET 10: a library that was compiled ahead for one system is not loaded on another.
#
# Expected: such a library holds its whole IL beside the machine code, and code that does not fit is not used: the same
#           library compiled ahead for another version of the framework, or for a processor with other instructions,
#           runs from its IL. So one compiled ahead for Windows would run on Linux too, a little slower.
# Seen:     BadImageFormatException when it is loaded on Linux, on the same kind of processor. The library without
#           machine code, published for Windows by the same command, runs. So a tool package for all systems cannot hold
#           libraries that are compiled ahead.
#
# Needs the .NET 10 SDK on Linux x64 and a package registry; the version is that of the SDK.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
dotnet new classlib --name Library --framework net10.0 >/dev/null
dotnet new console --name Loader --framework net10.0 >/dev/null
cat >Library/Class1.cs <<'LIBRARY'
namespace Library;

public static class Greeting
{
    public static string Text() => "The library was loaded and ran.";
}
LIBRARY
cat >Loader/Program.cs <<'LOADER'
using System.Reflection;

try
{
    var greeting = Assembly.LoadFrom(args[0]).GetType("Library.Greeting")!.GetMethod("Text")!;
    Console.WriteLine(greeting.Invoke(null, null));
}
catch (BadImageFormatException refusal)
{
    Console.WriteLine(refusal.GetType().Name);
}
LOADER
publish() {
    dotnet publish Library --configuration Release --runtime "$1" --no-self-contained --output "$2" \
        "-p:PublishReadyToRun=$3" >/dev/null
}
publish win-x64 il false
publish win-x64 windows true
publish linux-x64 linux true
dotnet build Loader --configuration Release --output loader >/dev/null
echo ".NET SDK $(dotnet --version), $(uname -s) $(uname -m)"
load() {
    local told
    told=$(dotnet loader/Loader.dll "$folder/$1/Library.dll")
    echo "$2, $(stat -c %s "$1/Library.dll") bytes: $told" >&2
    echo "$told"
}
il=$(load il "published for Windows, IL alone")
windows=$(load windows "published for Windows, compiled ahead")
linux=$(load linux "published for Linux, compiled ahead")
ran="The library was loaded and ran."
if [ "$il" = "$ran" ] && [ "$linux" = "$ran" ] && [ "$windows" = BadImageFormatException ]; then
    exit 0
fi
echo "The behaviour has changed."
exit 1
