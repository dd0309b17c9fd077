#!/usr/bin/env bash
# ILGPU 1.5.3: the rest of a kernel decides in which address space an intrinsic gets a reference to shared memory.
#
# Expected: an intrinsic that writes its PTX and takes a reference gets a generic address, as the type of its parameter
#           says, and converts it by cvta.to.shared for ld.shared, or by cvta.to.global for ld.global.
# Seen:     it gets an address that is in the shared space already, by its type and its register: the conversion, which
#           is defined for generic addresses only, is one too many. If the kernel uses the memory also where an address
#           has to be generic, the same call gets a generic one. Global memory: generic at O1, global at O2.
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
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Types;
using ILGPU.IR.Values;
using ILGPU.Runtime.Cuda;
using Regex = System.Text.RegularExpressions.Regex;

var version = typeof(Context).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
Console.WriteLine($"ILGPU {version!.InformationalVersion.Split('+')[0]}, .NET {Environment.Version}");
Console.WriteLine("kernel         level parameter argument address");
string[] described =
[
    "Shared         O1    Generic   Shared   __shared_alloca0, mov, add; then cvta.to.shared",
    "Shared         O2    Generic   Shared   __shared_alloca0, mov, add; then cvta.to.shared",
    "SharedAndMore  O1    Generic   Generic  __shared_alloca0, mov, cvta.shared, add; then cvta.to.shared",
    "SharedAndMore  O2    Generic   Generic  __shared_alloca0, mov, cvta.shared, add; then cvta.to.shared",
    "Global         O1    Generic   Generic  parameter, ld.param, add; then cvta.to.global",
    "Global         O2    Generic   Global   parameter, ld.param, cvta.to.global, add; then cvta.to.global",
];
var seen = (
    from kernel in new[] { nameof(Kernels.Shared), nameof(Kernels.SharedAndMore), nameof(Kernels.Global) }
    from level in new[] { "O1", "O2" }
    select Line(kernel, level)).ToArray();
Console.WriteLine(string.Join('\n', seen));
if (seen.SequenceEqual(described))
    return 0;
Console.WriteLine("The behaviour has changed.");
return 1;

static string Line(string name, string level)
{
    using var context = Context.Create(builder => builder.Optimize(Enum.Parse<OptimizationLevel>(level)));
    Load.Register(context);
    using var backend = new PTXBackend(
        context, new CudaCapabilityContext(CudaArchitecture.SM_80), CudaArchitecture.SM_80,
        CudaInstructionSet.ISA_70, null);
    var kernel = EntryPointDescription.FromExplicitlyGroupedKernel(typeof(Kernels).GetMethod(name)!);
    var ptx = ((PTXCompiledKernel)backend.Compile(kernel, default)).PTXAssembly;
    return $"{name,-14} {level}    {Load.Parameter,-9} {Load.Argument,-8} {Origin(ptx)}";
}

// Where the operand of the last conversion, which the intrinsic wrote, comes from: the instructions that write it, back
// through their first operands.
static string Origin(string ptx)
{
    var conversion = Regex.Matches(ptx, @"(cvta\.to\.\w+)\.u64\s+%\w+, (%\w+)")[^1];
    var (register, origin) = (conversion.Groups[2].Value, "");
    foreach (var line in ptx[..conversion.Index].Split('\n').Reverse())
    {
        var written = Regex.Match(line, $@"^\s*(\S+)\.[bu]64\s+{register}, \[?([%\w]+)");
        if (!written.Success)
            continue;
        register = written.Groups[2].Value;
        origin = $", {written.Groups[1].Value}{origin}";
    }

    var source = register.StartsWith("_numbers", StringComparison.Ordinal) ? "parameter" : register;
    return $"{source}{origin}; then {conversion.Groups[1].Value}";
}

public static class Load
{
    public static MemoryAddressSpace Parameter { get; private set; }

    public static MemoryAddressSpace Argument { get; private set; }

    [IntrinsicImplementation]
    public static uint Shared(ref uint number) => number;

    [IntrinsicImplementation]
    public static uint Global(ref uint number) => number;

    public static void Register(Context context)
    {
        Register(context, nameof(Shared), nameof(WriteShared));
        Register(context, nameof(Global), nameof(WriteGlobal));
    }

    static void Register(Context context, string method, string writer) =>
        context.GetIntrinsicManager().RegisterMethod(
            typeof(Load).GetMethod(method)!,
            new PTXIntrinsic(typeof(Load), writer, IntrinsicImplementationMode.GenerateCode));

    static void WriteShared(PTXBackend _, PTXCodeGenerator generator, Value call) => Write(generator, call, "shared");

    static void WriteGlobal(PTXBackend _, PTXCodeGenerator generator, Value call) => Write(generator, call, "global");

    static void Write(PTXCodeGenerator generator, Value call, string space)
    {
        Parameter = ((AddressSpaceType)((MethodCall)call).Target.Parameters[0].Type).AddressSpace;
        Argument = ((AddressSpaceType)call[0].Type).AddressSpace;
        var address = generator.AllocatePlatformRegister(out _);
        using (var conversion = generator.BeginCommand($"cvta.to.{space}.u64"))
        {
            conversion.AppendArgument(address);
            conversion.AppendArgument(generator.LoadHardware(call[0]));
        }

        using var load = generator.BeginCommand($"ld.{space}.u32");
        load.AppendArgument(generator.AllocateHardware(call));
        load.AppendArgumentValue(address);
    }
}

public static class Kernels
{
    public static void Shared(ArrayView<uint> numbers, int place)
    {
        var shared = SharedMemory.Allocate<uint>(64);
        shared[Group.IdxX] = numbers[Group.IdxX];
        Group.Barrier();
        numbers[Group.IdxX] = Load.Shared(ref shared[place]);
    }

    // The same, and a view that is one of either memory.
    public static void SharedAndMore(ArrayView<uint> numbers, int place)
    {
        var shared = SharedMemory.Allocate<uint>(64);
        shared[Group.IdxX] = numbers[Group.IdxX];
        Group.Barrier();
        numbers[Group.IdxX] = Load.Shared(ref shared[place]);
        var either = place > 0 ? shared : numbers;
        either[Group.IdxX] = 0;
    }

    public static void Global(ArrayView<uint> numbers, int place) =>
        numbers[Group.IdxX] = Load.Global(ref numbers[place]);
}
PROGRAM
dotnet run
