#!/usr/bin/env bash
# ILGPU 1.5.3: two fields read through a view become two loads, the same fields of a copy one vector load.
#
# Expected: reading view[i].X and view[i].Y gives the PTX that reading a copy of view[i] gives: one 8-byte vector load of
#           two aligned neighbours.
# Seen:     ld.global.f32 twice through the view; ld.global.v2.f32 once when the structure is copied to a local first.
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
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;

var version = typeof(Context).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
Console.WriteLine($"ILGPU {version!.InformationalVersion.Split('+')[0]}, .NET {Environment.Version}");
using var context = Context.Create(builder => builder.Optimize(OptimizationLevel.O2));
using var backend = new PTXBackend(
    context, new CudaCapabilityContext(CudaArchitecture.SM_80), CudaArchitecture.SM_80,
    CudaInstructionSet.ISA_70, null);
var (through, copied) = (Loads(nameof(Kernels.ThroughView)), Loads(nameof(Kernels.OfCopy)));
Console.WriteLine($"through the view: {through}");
Console.WriteLine($"of a copy:        {copied}");
if ((through, copied) == ("ld.global.f32, ld.global.f32", "ld.global.v2.f32"))
    return 0;
Console.WriteLine("The behaviour has changed.");
return 1;

string Loads(string name)
{
    var kernel = EntryPointDescription.FromImplicitlyGroupedKernel(typeof(Kernels).GetMethod(name)!);
    var ptx = ((PTXCompiledKernel)backend.Compile(kernel, default)).PTXAssembly;
    return string.Join(", ", ptx.Split('\n').Select(line => line.Trim().Split(' ', '\t')[0])
        .Where(word => word.StartsWith("ld.global", StringComparison.Ordinal)));
}

public struct Pair
{
    public float X;
    public float Y;
}

public static class Kernels
{
    public static void ThroughView(Index1D index, ArrayView<Pair> pairs, ArrayView<float> sums) =>
        sums[index] = pairs[index].X + pairs[index].Y;

    public static void OfCopy(Index1D index, ArrayView<Pair> pairs, ArrayView<float> sums)
    {
        var pair = pairs[index];
        sums[index] = pair.X + pair.Y;
    }
}
PROGRAM
dotnet run
