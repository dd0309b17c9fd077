#!/usr/bin/env bash
# ILGPU 1.5.3: optimisation level O2 moves a load of shared memory behind the barrier that follows it.
#
# Expected: a number that a thread reads between two Group.Barrier() is read between two barriers, at every level: after
#           the second barrier another thread may overwrite it.
# Seen:     at O1 the PTX is barrier, load, barrier; at O2 it is barrier, barrier, load, if the number is first used by
#           the condition that ends the block. OpenCL source is the same.
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
var (first, second) = (Order(OptimizationLevel.O1), Order(OptimizationLevel.O2));
Console.WriteLine($"O1: {first}");
Console.WriteLine($"O2: {second}");
if ((first, second) == ("barrier, load, barrier", "barrier, barrier, load"))
    return 0;
Console.WriteLine("The behaviour has changed.");
return 1;

// The first three of the barriers and loads of shared memory in the PTX.
static string Order(OptimizationLevel level)
{
    using var context = Context.Create(builder => builder.Optimize(level));
    using var backend = new PTXBackend(
        context, new CudaCapabilityContext(CudaArchitecture.SM_80), CudaArchitecture.SM_80,
        CudaInstructionSet.ISA_70, null);
    var kernel = EntryPointDescription.FromExplicitlyGroupedKernel(
        typeof(Kernels).GetMethod(nameof(Kernels.KeepIfFirstIsPositive))!);
    var ptx = ((PTXCompiledKernel)backend.Compile(kernel, default)).PTXAssembly;
    return string.Join(", ", ptx.Split('\n').Select(line => line.Trim().Split(' ', '\t')[0])
        .Where(word => word is "bar.sync" or "ld.shared.f32")
        .Select(word => word == "bar.sync" ? "barrier" : "load").Take(3));
}

public static class Kernels
{
    public static void KeepIfFirstIsPositive(ArrayView<float> source, ArrayView<float> result)
    {
        var shared = SharedMemory.Allocate<float>(64);
        shared[Group.IdxX] = source[Group.IdxX];
        Group.Barrier();
        var first = shared[0];
        Group.Barrier();
        if (first > 0f)
            shared[Group.IdxX] = source[Group.IdxX + 64];
        Group.Barrier();
        result[Group.IdxX] = shared[63 - Group.IdxX];
    }
}
PROGRAM
dotnet run
