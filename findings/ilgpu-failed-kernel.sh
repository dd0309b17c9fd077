#!/usr/bin/env bash
# ILGPU 1.5.3: a kernel that does not compile takes the other kernels of its context with it.
#
# Expected: a kernel with a throw statement is refused with an exception, and a valid kernel that is loaded afterwards
#           compiles, since it has nothing to do with the first.
# Seen:     the valid kernel is refused, too, by every accelerator of that context. In a new context it compiles.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet new console --name Finding --output . >/dev/null
dotnet add package ILGPU --version 1.5.3 >/dev/null
cat >Program.cs <<'PROGRAM'
using System.Reflection;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

var version = typeof(Context).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
Console.WriteLine($"ILGPU {version!.InformationalVersion.Split('+')[0]}, .NET {Environment.Version}");
using var first = Context.Create(builder => builder.CPU());
var before = Loads(first, Doubles);
var refused = Loads(first, Throws);
var after = Loads(first, Halves);
using var second = Context.Create(builder => builder.CPU());
var elsewhere = Loads(second, Halves);
Console.WriteLine($"a valid kernel:                     {before}");
Console.WriteLine($"a kernel that throws:               {refused}");
Console.WriteLine($"another valid kernel afterwards:    {after}");
Console.WriteLine($"the same kernel in another context: {elsewhere}");
if (before == "compiled" && refused != "compiled" && after != "compiled" && elsewhere == "compiled")
    return 0;
Console.WriteLine("The behaviour has changed.");
return 1;

static string Loads(Context context, Action<Index1D, ArrayView<float>> kernel)
{
    using var accelerator = context.CreateCPUAccelerator(0);
    try
    {
        accelerator.LoadAutoGroupedStreamKernel(kernel);
        return "compiled";
    }
    catch (Exception refusal)
    {
        return $"refused, {refusal.GetType().Name}";
    }
}

static void Doubles(Index1D index, ArrayView<float> numbers) => numbers[index] *= 2;

static void Halves(Index1D index, ArrayView<float> numbers) => numbers[index] /= 2;

static void Throws(Index1D index, ArrayView<float> numbers)
{
    if (numbers[index] < 0)
        throw new InvalidOperationException();
}
PROGRAM
dotnet run
